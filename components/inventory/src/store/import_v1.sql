-- Puts units on the shelf of a seller's warehouse, of `main` when p_warehouse is NULL. Lines are
-- `[{"variant_id", "quantity", "serials": […], "generate_serials"}]`, no variant twice, `serials` either
-- empty or one for each unit. Without a key the reference stands in, so that a statement repeated
-- after a lost connection still counts once.
CREATE OR REPLACE FUNCTION inventory.import_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_warehouse uuid, p_lines jsonb, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_warehouse inventory.warehouse;
    v_variants uuid[];
    v_before jsonb;
    v_pieces jsonb := '[]';
    v_body text;
    t record;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM inventory.seller_lock_v1(p_account, false);
    v_warehouse := inventory.warehouse_v1(p_account, p_warehouse, '/warehouse_id');
    v_variants := ARRAY(SELECT l.variant_id FROM jsonb_to_recordset(p_lines) AS l(variant_id uuid));
    v_before := inventory.hold_stock_v1(p_account, v_variants);
    PERFORM inventory.check_pieces_v1(p_account, p_lines, true);

    FOR t IN
        SELECT l.*, sum(l.quantity) FILTER (WHERE l.generate_serials) OVER (ORDER BY l.variant_id) - l.quantity AS numbered
        FROM jsonb_to_recordset(p_lines)
             AS l(variant_id uuid, quantity integer, serials jsonb, generate_serials boolean)
        ORDER BY l.variant_id
    LOOP
        PERFORM inventory.add_stock_v1(v_warehouse, t.variant_id, t.quantity);
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, reason, at)
        VALUES (t.variant_id, v_warehouse.id, 'import', t.quantity, 0, p_account, p_reason, v_now);
        IF t.generate_serials THEN
            t.serials := (SELECT jsonb_agg(inventory.serial_v1(replace(p_reference::text, '-', ''), n) ORDER BY n)
                          FROM generate_series((t.numbered + 1)::integer, (t.numbered + t.quantity)::integer) n);
        END IF;
        IF jsonb_array_length(t.serials) > 0 THEN
            PERFORM inventory.add_pieces_v1(p_account, t.variant_id, v_warehouse.id, t.serials);
            v_pieces := v_pieces || jsonb_build_object('variant_id', t.variant_id, 'serials', t.serials);
        END IF;
    END LOOP;

    PERFORM inventory.tell_v1(v_before, true, p_trace);
    v_body := jsonb_build_object('items', inventory.balances_v1(p_account, v_variants), 'pieces', v_pieces)::text;
    PERFORM inventory.idempotency_end(p_account, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
