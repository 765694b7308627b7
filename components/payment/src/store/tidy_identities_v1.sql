-- Forgets identities that were rejected or have ended 90 days ago. Of those that withdrawals name the books keep
-- whose they were. At most `p_limit`.
CREATE OR REPLACE FUNCTION payment.tidy_identities_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_ids uuid[];
BEGIN
    WITH over AS MATERIALIZED (
        SELECT i.id FROM payment.payout_identity i
        WHERE i.state IN ('rejected', 'ended') AND i.kept_at IS NULL
          AND i.decided_at < v_now - interval '90 days'
        ORDER BY i.decided_at LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    )
    SELECT coalesce(array_agg(o.id), '{}') INTO v_ids FROM over o;
    UPDATE payment.payout_identity i SET kept_at = v_now, birth_date = NULL
    WHERE i.id = ANY (v_ids) AND EXISTS (SELECT FROM payment.withdrawal w WHERE w.identity_id = i.id);
    DELETE FROM payment.payout_identity i WHERE i.id = ANY (v_ids) AND i.kept_at IS NULL;
    RETURN cardinality(v_ids);
END $$;
