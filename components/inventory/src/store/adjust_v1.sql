-- Corrects a seller's count of a variant by `p_delta`, in the first warehouse by priority whose
-- count can bear it. What is reserved stays on the shelf. For a missing key see `import_v1`.
CREATE OR REPLACE FUNCTION inventory.adjust_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_variant uuid, p_delta integer, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_row inventory.stock;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM 1 FROM inventory.stock s
    WHERE s.variant_id = p_variant AND s.seller_id = p_account
    ORDER BY s.variant_id, s.warehouse_id
    FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    END IF;
    SELECT s.* INTO v_row
    FROM inventory.stock s JOIN inventory.warehouse w ON w.id = s.warehouse_id
    WHERE s.variant_id = p_variant AND s.seller_id = p_account
    ORDER BY (s.on_hand - s.reserved + p_delta >= 0) DESC, w.priority, w.id
    LIMIT 1;
    IF v_row.on_hand - v_row.reserved + p_delta < 0 THEN
        PERFORM shared.refuse('stock_in_use', jsonb_build_object(
            'on_hand', v_row.on_hand, 'reserved', v_row.reserved,
            'available', v_row.on_hand - v_row.reserved));
    ELSIF v_row.on_hand + p_delta > 1000000000 THEN
        PERFORM shared.refuse('stock_limit', jsonb_build_object('variant_id', p_variant));
    END IF;
    UPDATE inventory.stock s
    SET on_hand = s.on_hand + p_delta, version = s.version + 1, updated_at = v_now
    WHERE s.variant_id = p_variant AND s.warehouse_id = v_row.warehouse_id;
    INSERT INTO inventory.movement
        (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, reason, at)
    VALUES (p_variant, v_row.warehouse_id, 'adjust', p_delta, 0, p_account, p_reason, v_now);
    PERFORM inventory.tell_v1(p_variant, p_account, p_trace);
    v_body := inventory.balance_v1(p_account, p_variant)::text;
    PERFORM inventory.idempotency_end(p_account, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
