-- Staff give a buyer back a part of an order, or all of it: an amount, or lines `[{"line", "amount"}]`,
-- each of which is refunded once for ever. All or nothing. Refuses as `refund_v1` does, and with
-- `line_refunded` (`lines`) and `own_affair`.
CREATE OR REPLACE FUNCTION payment.staff_refund_v1(
    p_actor uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_order uuid, p_amount bigint, p_lines jsonb, p_destination text, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb := payment.idempotency_begin(p_actor, p_key, p_hash, p_reference);
    e payment.escrow;
    v_asked jsonb;
    v_refunds uuid[] := '{}';
    v_again integer[] := '{}';
    v_body text;
    t record;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    e := payment.hold_escrow_v1(p_order);
    IF e.order_id IS NULL THEN
        PERFORM shared.refuse('not_found');
    ELSIF e.buyer_id = p_actor THEN
        PERFORM shared.refuse('own_affair');
    END IF;
    FOR t IN
        SELECT 'staff:' || p_reference AS reference, NULL::integer AS line, p_amount AS amount
        WHERE p_amount IS NOT NULL
        UNION ALL
        SELECT 'line:' || p_order || ':' || l.line, l.line, l.amount
        FROM jsonb_to_recordset(p_lines) AS l(line integer, amount bigint)
        ORDER BY 2
    LOOP
        IF EXISTS (SELECT 1 FROM payment.refund r WHERE r.reference = t.reference) THEN
            v_again := v_again || t.line;
        ELSIF v_again = '{}' THEN
            v_asked := payment.refund_v1(
                t.reference, p_order, t.amount, p_destination, p_reason, p_actor, p_trace);
            v_refunds := v_refunds || (v_asked->>'id')::uuid;
        END IF;
    END LOOP;
    IF v_again <> '{}' THEN
        PERFORM shared.refuse('line_refunded', jsonb_build_object('lines', to_jsonb(v_again)));
    END IF;
    SELECT jsonb_build_object('items', jsonb_agg(payment.refund_view_v1(r) ORDER BY x.n))::text INTO v_body
    FROM unnest(v_refunds) WITH ORDINALITY AS x(id, n) JOIN payment.refund r ON r.id = x.id;
    PERFORM payment.idempotency_end(p_actor, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
