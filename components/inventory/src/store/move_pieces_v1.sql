-- Moves pieces of a seller's tracked variant to another state by hand, all or none; those that are in
-- it already stay. See `piece_moves_v1`. What is on hand follows, never below what is reserved.
CREATE OR REPLACE FUNCTION inventory.move_pieces_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_variant uuid, p_serials text[], p_to text, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_before jsonb;
    v_row inventory.stock;
    v_body text;
    t record;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    -- Every piece has a stock row: who holds these holds the pieces too.
    v_before := inventory.hold_stock_v1(p_account, ARRAY[p_variant]);
    IF NOT EXISTS (SELECT 1 FROM inventory.stock s WHERE s.variant_id = p_variant AND s.seller_id = p_account) THEN
        PERFORM shared.refuse('not_found');
    ELSIF NOT EXISTS (SELECT 1 FROM inventory.item i
                      WHERE i.variant_id = p_variant AND i.seller_id = p_account AND i.serial_tracked) THEN
        PERFORM shared.refuse('serials_not_tracked', jsonb_build_object('variant_id', p_variant));
    END IF;
    PERFORM inventory.check_serials_v1(p_account, p_variant, p_serials, '/serials');
    PERFORM inventory.refuse_pieces_v1(ARRAY(
        SELECT p FROM inventory.serial p
        WHERE p.variant_id = p_variant AND p.seller_id = p_account AND p.serial = ANY (p_serials)
          AND p.state <> p_to
          AND NOT EXISTS (SELECT 1 FROM inventory.piece_moves_v1() m
                          WHERE m.from_state = p.state AND m.to_state = p_to)));

    FOR t IN
        SELECT p.warehouse_id, m.kind, CASE m.kind WHEN 'return' THEN p.order_id END AS order_id,
               sum(m.on_hand_delta)::integer AS delta
        FROM inventory.serial p
        JOIN inventory.piece_moves_v1() m ON m.from_state = p.state AND m.to_state = p_to
        WHERE p.variant_id = p_variant AND p.seller_id = p_account AND p.serial = ANY (p_serials)
          AND m.on_hand_delta <> 0
        GROUP BY 1, 2, 3
        ORDER BY 1, 2, 3
    LOOP
        SELECT * INTO STRICT v_row FROM inventory.stock s
        WHERE s.variant_id = p_variant AND s.warehouse_id = t.warehouse_id;
        IF v_row.on_hand + t.delta < v_row.reserved THEN
            PERFORM shared.refuse('stock_in_use', jsonb_build_object(
                'warehouse_id', t.warehouse_id, 'on_hand', v_row.on_hand, 'reserved', v_row.reserved,
                'available', v_row.on_hand - v_row.reserved));
        END IF;
        UPDATE inventory.stock s
        SET on_hand = s.on_hand + t.delta, version = s.version + 1, updated_at = v_now
        WHERE s.variant_id = p_variant AND s.warehouse_id = t.warehouse_id;
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, order_id, actor_id, reason, at)
        VALUES (p_variant, t.warehouse_id, t.kind, t.delta, 0, t.order_id, p_account, p_reason, v_now);
    END LOOP;
    UPDATE inventory.serial p
    SET state = p_to, changed_at = v_now,
        order_id = CASE WHEN p_to IN ('returned', 'damaged') THEN p.order_id END
    WHERE p.variant_id = p_variant AND p.seller_id = p_account AND p.serial = ANY (p_serials)
      AND p.state <> p_to;

    PERFORM inventory.tell_v1(v_before, true, p_trace);
    v_body := jsonb_build_object(
        'balance', inventory.balance_v1(p_account, p_variant),
        'items', (SELECT jsonb_agg(inventory.piece_json_v1(p) ORDER BY p.serial) FROM inventory.serial p
                  WHERE p.variant_id = p_variant AND p.seller_id = p_account AND p.serial = ANY (p_serials)))::text;
    PERFORM inventory.idempotency_end(p_account, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
