-- A page of withdrawals after the one of id `p_after`. Of one account: the newest first. Of all
-- (`p_account` NULL): those that wait longest first, as who decides takes them.
CREATE OR REPLACE FUNCTION payment.withdrawals_v1(
    p_account uuid, p_state text, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_at timestamp;
    v_after uuid;
    v_ids uuid[];
BEGIN
    SELECT s.at, s.id INTO v_at, v_after FROM payment.page_start_v1(p_account IS NOT NULL, p_after, (
        SELECT w.requested_at FROM payment.withdrawal w
        WHERE w.id = p_after AND (p_account IS NULL OR w.account_id = p_account))) s;
    -- A query for each index: one for all would use none of them well.
    IF p_account IS NOT NULL THEN
        v_ids := ARRAY(
            SELECT w.id FROM payment.withdrawal w
            WHERE w.account_id = p_account AND (p_state IS NULL OR w.state = p_state)
              AND (w.requested_at, w.id) < (v_at, v_after)
            ORDER BY w.requested_at DESC, w.id DESC LIMIT p_limit + 1);
    ELSIF p_state IS NOT NULL THEN
        v_ids := ARRAY(
            SELECT w.id FROM payment.withdrawal w
            WHERE w.state = p_state AND (w.requested_at, w.id) > (v_at, v_after)
            ORDER BY w.requested_at, w.id LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(
            SELECT w.id FROM payment.withdrawal w
            WHERE (w.requested_at, w.id) > (v_at, v_after)
            ORDER BY w.requested_at, w.id LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(payment.withdrawal_json_v1(w, p_account IS NULL) ORDER BY x.n), '[]')::text
         FROM unnest(v_ids[:p_limit]) WITH ORDINALITY AS x(id, n)
         JOIN payment.withdrawal w ON w.id = x.id),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
