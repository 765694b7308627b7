-- Corrects a seller's count of a variant by `p_delta`, in the warehouse given, or else in the first one
-- whose count can bear it, active ones before others, by priority. What is reserved stays on the
-- shelf. For a missing key see `import_v1`.
CREATE OR REPLACE FUNCTION inventory.adjust_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_warehouse uuid, p_variant uuid, p_delta integer, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_before jsonb;
    v_warehouse inventory.warehouse;
    v_row inventory.stock;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM inventory.seller_lock_v1(p_account, false);
    IF p_warehouse IS NOT NULL THEN
        v_warehouse := inventory.warehouse_v1(p_account, p_warehouse, '/warehouse_id');
    END IF;
    v_before := inventory.hold_stock_v1(p_account, ARRAY[p_variant]);
    IF NOT EXISTS (SELECT 1 FROM inventory.stock s
                   WHERE s.variant_id = p_variant AND s.seller_id = p_account) THEN
        PERFORM shared.refuse('not_found');
    ELSIF EXISTS (SELECT 1 FROM inventory.item i
                  WHERE i.variant_id = p_variant AND i.seller_id = p_account AND i.serial_tracked) THEN
        PERFORM shared.refuse('serial_tracked', jsonb_build_object('variant_id', p_variant));
    END IF;
    IF p_warehouse IS NULL THEN
        SELECT w.* INTO v_warehouse
        FROM inventory.stock s JOIN inventory.warehouse w ON w.id = s.warehouse_id
        WHERE s.variant_id = p_variant AND s.seller_id = p_account
        ORDER BY (s.on_hand - s.reserved + p_delta >= 0) DESC, s.active DESC, w.priority, w.id
        LIMIT 1;
    END IF;
    SELECT * INTO v_row FROM inventory.stock s
    WHERE s.variant_id = p_variant AND s.warehouse_id = v_warehouse.id;
    IF coalesce(v_row.on_hand - v_row.reserved, 0) + p_delta < 0 THEN
        PERFORM shared.refuse('stock_in_use', jsonb_build_object(
            'warehouse_id', v_warehouse.id, 'on_hand', coalesce(v_row.on_hand, 0),
            'reserved', coalesce(v_row.reserved, 0),
            'available', coalesce(v_row.on_hand - v_row.reserved, 0)));
    END IF;
    PERFORM inventory.add_stock_v1(v_warehouse, p_variant, p_delta);
    INSERT INTO inventory.movement
        (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, reason, at)
    VALUES (p_variant, v_warehouse.id, 'adjust', p_delta, 0, p_account, p_reason, shared.now());
    PERFORM inventory.tell_v1(v_before, true, p_trace);
    v_body := inventory.balance_v1(p_account, p_variant)::text;
    PERFORM inventory.idempotency_end(p_account, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
