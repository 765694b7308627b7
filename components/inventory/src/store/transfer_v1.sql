-- Moves available units of a seller from one warehouse to another, all lines or none. Lines as in
-- `import_v1`; of a tracked variant whose pieces are not named, the lowest ones move.
CREATE OR REPLACE FUNCTION inventory.transfer_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_from uuid, p_to uuid, p_lines jsonb, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_to inventory.warehouse;
    v_variants uuid[];
    v_before jsonb;
    v_short jsonb;
    v_pieces jsonb := '[]';
    v_body text;
    t record;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM inventory.seller_lock_v1(p_account, false);
    PERFORM inventory.warehouse_v1(p_account, p_from, '/from_warehouse_id');
    v_to := inventory.warehouse_v1(p_account, p_to, '/to_warehouse_id');
    v_variants := ARRAY(SELECT l.variant_id FROM jsonb_to_recordset(p_lines) AS l(variant_id uuid));
    v_before := inventory.hold_stock_v1(p_account, v_variants);
    PERFORM inventory.check_pieces_v1(p_account, p_lines, false);

    SELECT jsonb_agg(jsonb_build_object('variant_id', l.variant_id, 'wanted', l.quantity,
                                        'available', coalesce(s.on_hand - s.reserved, 0)) ORDER BY l.variant_id)
    INTO v_short
    FROM jsonb_to_recordset(p_lines) AS l(variant_id uuid, quantity integer)
    LEFT JOIN inventory.stock s ON s.variant_id = l.variant_id AND s.warehouse_id = p_from
    WHERE l.quantity > coalesce(s.on_hand - s.reserved, 0);
    IF v_short IS NOT NULL THEN
        PERFORM shared.refuse('stock_short', jsonb_build_object('shortages', v_short));
    END IF;

    FOR t IN
        SELECT (e.line->>'variant_id')::uuid AS variant_id, (e.line->>'quantity')::integer AS quantity,
               e.line->'serials' AS serials, e.n - 1 AS n, coalesce(i.serial_tracked, false) AS tracked
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS e(line, n)
        LEFT JOIN inventory.item i ON i.variant_id = (e.line->>'variant_id')::uuid AND i.seller_id = p_account
        ORDER BY 1
    LOOP
        UPDATE inventory.stock s
        SET on_hand = s.on_hand - t.quantity, version = s.version + 1, updated_at = v_now
        WHERE s.variant_id = t.variant_id AND s.warehouse_id = p_from;
        PERFORM inventory.add_stock_v1(v_to, t.variant_id, t.quantity);
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, reason, at)
        VALUES (t.variant_id, p_from, 'transfer', -t.quantity, 0, p_account, p_reason, v_now),
               (t.variant_id, p_to, 'transfer', t.quantity, 0, p_account, p_reason, v_now);
        IF t.tracked THEN
            v_pieces := v_pieces || jsonb_build_object(
                'variant_id', t.variant_id,
                'serials', inventory.transfer_pieces_v1(
                    p_account, t.variant_id, p_from, p_to, t.quantity, t.serials, format('/lines/%s', t.n)));
        END IF;
    END LOOP;

    PERFORM inventory.tell_v1(v_before, true, p_trace);
    v_body := jsonb_build_object('items', inventory.balances_v1(p_account, v_variants), 'pieces', v_pieces)::text;
    PERFORM inventory.idempotency_end(p_account, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
