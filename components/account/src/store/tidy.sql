-- Removes what has outlived its use, at most 500 rows of each: refresh tokens that have expired,
-- sessions a month after their end, failed logins and revocations after an hour (locks last 15
-- minutes, access tokens too), what was sent to verify something an hour after it has expired, counted
-- messages after an hour, what is sealed in an event once it is delivered, good for nothing, or a week old,
-- so that a delivery that is dead keeps none for ever, secret halves of retired keys, devices that were not
-- used for a year, sign-ins by way of an issuer an hour after their time, keys for programs a month after
-- they were revoked or have expired, and what strangers can make grow in the audit log after 90 days.
-- Suspensions whose end has come are lifted.
CREATE OR REPLACE FUNCTION account.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_account account.account;
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

    DELETE FROM account.verification WHERE id IN (
        SELECT id FROM account.verification WHERE expires_at < v_now - interval '1 hour'
        ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.sending WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM account.sending WHERE sent_at < v_now - interval '1 hour'
        ORDER BY sent_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    UPDATE account.outbox SET data = data - 'sealed' WHERE seq = ANY (ARRAY(
        SELECT o.seq FROM account.outbox o
        WHERE o.data ? 'sealed'
          AND (shared.rfc3339(v_now) > o.data->>'expires_at'
               OR o.occurred_at < shared.now() - interval '7 days'
               OR NOT EXISTS (SELECT FROM account.delivery d WHERE d.seq = o.seq))
        ORDER BY o.seq LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.signing_secret s USING shared.signing_key k
    WHERE k.kid = s.kid AND k.retired_at < v_now;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.known_device WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM account.known_device WHERE last_seen_at < v_now - interval '1 year'
        ORDER BY last_seen_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.oidc_attempt WHERE state_hash = ANY (ARRAY(
        SELECT state_hash FROM account.oidc_attempt WHERE expires_at < v_now - interval '1 hour'
        ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.api_key WHERE id = ANY (ARRAY(
        SELECT id FROM account.api_key WHERE revoked_at < v_now - interval '30 days'
        ORDER BY revoked_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.api_key WHERE id = ANY (ARRAY(
        SELECT id FROM account.api_key WHERE expires_at < v_now - interval '30 days'
        ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM account.audit WHERE id = ANY (ARRAY(
        SELECT id FROM account.audit
        WHERE action IN ('login_failed', 'confirmation_failed', 'login_locked', 'refresh_reuse')
          AND at < v_now - interval '91 days'
        ORDER BY at LIMIT 500));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    FOR v_account IN
        SELECT * FROM account.account WHERE status = 'suspended' AND suspended_until < v_now
        ORDER BY suspended_until LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM account.end_suspension_v1(NULL, v_account, NULL);
        v_total := v_total + 1;
    END LOOP;

    DELETE FROM shared.revocation WHERE session_id IN (
        SELECT session_id FROM shared.revocation WHERE revoked_at < v_now - interval '1 hour'
        ORDER BY revoked_at LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows + account.tidy_common(500);
END $$;
