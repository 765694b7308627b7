-- Closes open sessions whose time is over: the net under whoever opened them, who closes them before. And
-- removes tombstones after 90 days, and what providers told after two years. At most `p_limit` of each.
CREATE OR REPLACE FUNCTION payment.tidy_sessions_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_sessions uuid[];
    v_session uuid;
    v_rows bigint;
    v_total bigint := 0;
BEGIN
    -- In the order of the wallets, which are locked one after another and all until the end.
    WITH due AS MATERIALIZED (
        SELECT s.id, payment.account_id_v1('wallet', s.payer_id, NULL, s.currency) AS wallet
        FROM payment.session s
        WHERE s.state = 'open' AND s.expires_at <= v_now
        ORDER BY s.expires_at LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    )
    SELECT coalesce(array_agg(d.id ORDER BY d.wallet), '{}') INTO v_sessions FROM due d;
    FOREACH v_session IN ARRAY v_sessions LOOP
        PERFORM payment.cancel_session_v1(v_session, true, 'not paid in time');
        v_total := v_total + 1;
    END LOOP;

    DELETE FROM payment.session WHERE id = ANY (ARRAY(
        SELECT s.id FROM payment.session s
        WHERE s.payer_id IS NULL AND s.closed_at < v_now - interval '90 days'
        ORDER BY s.closed_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM payment.provider_event WHERE ctid = ANY (ARRAY(
        SELECT e.ctid FROM payment.provider_event e
        WHERE e.received_at < v_now - interval '2 years'
        ORDER BY e.received_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows;
END $$;
