-- A page of what somebody got back, newest first, after the refund of id `p_after`.
CREATE OR REPLACE FUNCTION payment.refunds_page_v1(p_payer uuid, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_at timestamp;
    v_after uuid;
    v_ids uuid[];
BEGIN
    SELECT s.at, s.id INTO v_at, v_after FROM payment.page_start_v1(true, p_after, (
        SELECT r.requested_at FROM payment.refund r WHERE r.id = p_after AND r.payer_id = p_payer)) s;
    v_ids := ARRAY(
        SELECT r.id FROM payment.refund r
        WHERE r.payer_id = p_payer AND (r.requested_at, r.id) < (v_at, v_after)
        ORDER BY r.requested_at DESC, r.id DESC LIMIT p_limit + 1);
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(payment.refund_view_v1(r) ORDER BY x.n), '[]')::text
         FROM unnest(v_ids[:p_limit]) WITH ORDINALITY AS x(id, n)
         JOIN payment.refund r ON r.id = x.id),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
