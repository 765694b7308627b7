-- A page of identities after the one of id `p_after`. Of one account: the newest first, with what is personal.
-- Of all (`p_account` NULL): those that wait longest first, without.
CREATE OR REPLACE FUNCTION payment.payout_identities_v1(
    p_account uuid, p_state text, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_at timestamp;
    v_after uuid;
    v_ids uuid[];
BEGIN
    SELECT s.at, s.id INTO v_at, v_after FROM payment.page_start_v1(p_account IS NOT NULL, p_after, (
        SELECT i.submitted_at FROM payment.payout_identity i
        WHERE i.id = p_after AND (p_account IS NULL OR i.account_id = p_account))) s;
    -- A query for each index: one for all would use none of them well.
    IF p_account IS NOT NULL THEN
        v_ids := ARRAY(
            SELECT i.id FROM payment.payout_identity i
            WHERE i.account_id = p_account AND (p_state IS NULL OR i.state = p_state)
              AND (i.submitted_at, i.id) < (v_at, v_after)
            ORDER BY i.submitted_at DESC, i.id DESC LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(
            SELECT i.id FROM payment.payout_identity i
            WHERE i.state = coalesce(p_state, 'pending') AND (i.submitted_at, i.id) > (v_at, v_after)
            ORDER BY i.submitted_at, i.id LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(payment.payout_identity_json_v1(i, p_account IS NOT NULL) ORDER BY x.n), '[]')::text
         FROM unnest(v_ids[:p_limit]) WITH ORDINALITY AS x(id, n)
         JOIN payment.payout_identity i ON i.id = x.id),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
