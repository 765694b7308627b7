-- Removes what has outlived its use, at most 500 rows of each: refresh tokens that have expired,
-- sessions a month after their end, failed logins and revocations after an hour (locks last 15
-- minutes, access tokens too).
CREATE OR REPLACE FUNCTION account.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_rows bigint;
    v_total bigint := 0;
BEGIN
    DELETE FROM account.refresh_token WHERE token_hash IN (
        SELECT token_hash FROM account.refresh_token WHERE expires_at < v_now
        ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.session WHERE id IN (
        SELECT id FROM account.session WHERE expires_at < v_now - interval '30 days'
        ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.login_failure WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM account.login_failure WHERE failed_at < v_now - interval '1 hour'
        ORDER BY failed_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM shared.revocation WHERE session_id IN (
        SELECT session_id FROM shared.revocation WHERE revoked_at < v_now - interval '1 hour'
        ORDER BY revoked_at LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows + account.tidy_common(500);
END $$;
