-- Sets what a seller says of a variant. p_version NULL: whatever version. Tracking begins only where every
-- unit has its piece, warehouse by warehouse; when it ends, the pieces stay as they are.
CREATE OR REPLACE FUNCTION inventory.change_settings_v1(
    p_account uuid, p_variant uuid, p_version bigint, p_tracked boolean, p_threshold integer
) RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_old inventory.item;
    v_differ jsonb;
BEGIN
    -- Nothing arrives or leaves meanwhile.
    PERFORM inventory.seller_lock_v1(p_account, true);
    PERFORM inventory.hold_stock_v1(p_account, ARRAY[p_variant]);
    SELECT * INTO v_old FROM inventory.item i WHERE i.variant_id = p_variant AND i.seller_id = p_account;
    IF NOT FOUND THEN
        v_old := (p_variant, p_account, false, NULL, 0, NULL);
    END IF;
    IF v_old.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    IF p_tracked AND NOT v_old.serial_tracked THEN
        SELECT jsonb_agg(jsonb_build_object('warehouse_id', x.warehouse_id, 'on_hand', x.on_hand,
                                            'pieces', x.pieces) ORDER BY x.warehouse_id)
        INTO v_differ
        FROM (
            SELECT s.warehouse_id, s.on_hand,
                   (SELECT count(*) FROM inventory.serial p
                    WHERE p.variant_id = p_variant AND p.warehouse_id = s.warehouse_id
                      AND p.state = 'available') AS pieces
            FROM inventory.stock s WHERE s.variant_id = p_variant AND s.seller_id = p_account) x
        WHERE x.pieces <> x.on_hand;
        IF v_differ IS NOT NULL THEN
            PERFORM shared.refuse('serials_differ', jsonb_build_object('warehouses', v_differ));
        END IF;
    END IF;
    IF (p_tracked, p_threshold) IS DISTINCT FROM (v_old.serial_tracked, v_old.low_threshold) THEN
        INSERT INTO inventory.item AS i (variant_id, seller_id, serial_tracked, low_threshold, updated_at)
        VALUES (p_variant, p_account, p_tracked, p_threshold, shared.now())
        ON CONFLICT (variant_id, seller_id) DO UPDATE
            SET serial_tracked = p_tracked, low_threshold = p_threshold,
                version = i.version + 1, updated_at = shared.now();
        UPDATE inventory.stock s SET serial_tracked = p_tracked, low_threshold = p_threshold
        WHERE s.variant_id = p_variant AND s.seller_id = p_account;
    END IF;
    RETURN QUERY SELECT * FROM inventory.settings_v1(p_account, p_variant);
END $$;
