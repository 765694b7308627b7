-- Removes snapshots of rates that are older than 400 days, at most `p_limit`.
CREATE OR REPLACE FUNCTION payment.tidy_rates_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_rows bigint;
BEGIN
    DELETE FROM payment.rate_snapshot WHERE id = ANY (ARRAY(
        SELECT s.id FROM payment.rate_snapshot s
        WHERE s.created_at < shared.now() - interval '400 days' ORDER BY s.created_at LIMIT p_limit));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
