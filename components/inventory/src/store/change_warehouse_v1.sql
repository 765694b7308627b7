-- Changes a warehouse; what is NULL stays. Switched on or off, it tells of every variant whose buyers
-- have another number now; a warehouse that has more than ten thousand of these is refused, because
-- their buyers would wait too long.
CREATE OR REPLACE FUNCTION inventory.change_warehouse_v1(
    p_account uuid, p_id uuid, p_version bigint, p_trace text,
    p_name text, p_priority integer, p_active boolean
) RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_old inventory.warehouse;
    v_new inventory.warehouse;
    v_before jsonb;
    v_changed bigint;
BEGIN
    PERFORM inventory.seller_lock_v1(p_account, true);
    SELECT * INTO v_old FROM inventory.warehouse w WHERE w.id = p_id AND w.seller_id = p_account;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_old.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    v_new := v_old;
    v_new.name := coalesce(p_name, v_old.name);
    v_new.priority := coalesce(p_priority, v_old.priority);
    v_new.active := coalesce(p_active, v_old.active);
    IF v_new.name <> v_old.name THEN
        PERFORM inventory.check_warehouse_v1(p_account, p_id, v_new.name);
    END IF;
    IF v_new.active <> v_old.active THEN
        v_before := inventory.hold_stock_v1(p_account, ARRAY(
            SELECT s.variant_id FROM inventory.stock s
            WHERE s.seller_id = p_account AND s.warehouse_id = p_id));
        SELECT count(*) INTO v_changed FROM inventory.stock s
        WHERE s.seller_id = p_account AND s.warehouse_id = p_id AND s.on_hand > s.reserved;
        IF v_changed > 10000 THEN
            PERFORM shared.refuse('warehouse_too_large', jsonb_build_object('variants', v_changed));
        END IF;
        UPDATE inventory.stock s
        SET active = v_new.active, version = s.version + 1, updated_at = shared.now()
        WHERE s.seller_id = p_account AND s.warehouse_id = p_id;
        PERFORM inventory.tell_v1(v_before, true, p_trace);
    END IF;
    IF v_new IS DISTINCT FROM v_old THEN
        UPDATE inventory.warehouse w
        SET name = v_new.name, priority = v_new.priority, active = v_new.active, version = w.version + 1
        WHERE w.id = p_id
        RETURNING w.* INTO v_new;
    END IF;
    RETURN QUERY SELECT v_new.version, inventory.warehouse_json_v1(v_new)::text;
END $$;
