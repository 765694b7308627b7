-- A page of money that settles nothing after the one of id `p_after`, what waits longest first. In all states
-- where `p_state` is NULL.
CREATE OR REPLACE FUNCTION payment.unmatched_page_v1(p_state text, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_at timestamp;
    v_after uuid;
    v_ids uuid[];
BEGIN
    SELECT s.at, s.id INTO v_at, v_after FROM payment.page_start_v1(false, p_after, (
        SELECT u.found_at FROM payment.unmatched_payment u WHERE u.id = p_after)) s;
    -- A query for each index: one for both would use neither well.
    IF p_state IS NOT NULL THEN
        v_ids := ARRAY(
            SELECT u.id FROM payment.unmatched_payment u
            WHERE u.state = p_state AND (u.found_at, u.id) > (v_at, v_after)
            ORDER BY u.found_at, u.id LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(
            SELECT u.id FROM payment.unmatched_payment u
            WHERE (u.found_at, u.id) > (v_at, v_after)
            ORDER BY u.found_at, u.id LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(payment.unmatched_json_v1(u) ORDER BY x.n), '[]')::text
         FROM unnest(v_ids[:p_limit]) WITH ORDINALITY AS x(id, n)
         JOIN payment.unmatched_payment u ON u.id = x.id),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
