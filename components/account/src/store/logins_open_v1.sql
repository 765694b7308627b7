-- Refuses while logins are locked out: by an identifier, by wrong codes for an account, by a client's address. NULL
-- is no scope. What was given may be right all the same, and must look like the wrong ones tried beside it.
--
-- Shared locks: successes do not wait for one another, only for failures being counted. Always in this order, that of
-- `login_failed_v1`, and before any row.
CREATE OR REPLACE FUNCTION account.logins_open_v1(
    p_identifier_scope text, p_code_scope text, p_address_scope text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.code'), hashtext(p_code_scope));
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.address'), hashtext(p_address_scope));
    v_retry := greatest(
        account.login_locked_v1(p_identifier_scope, p_address_scope),
        account.login_retry_after_v1(p_code_scope, 10));
    IF v_retry > 0 THEN
        PERFORM shared.refuse('too_many_logins', jsonb_build_object('retry_after', v_retry));
    END IF;
END $$;
