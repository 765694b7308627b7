-- Locks an account whose owner has just given the password, for a change that needs it. Guards as
-- `open_session_v1` does: that nothing is locked meanwhile, and that the password is still the one that
-- was verified, or already the new one.
CREATE OR REPLACE FUNCTION account.password_confirmed_v1(
    p_account uuid, p_verified_hash text, p_new_hash text,
    p_identifier_scope text, p_address_scope text
) RETURNS account.account
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer;
    v_account account.account;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.address'), hashtext(p_address_scope));
    v_retry := account.login_locked_v1(p_identifier_scope, p_address_scope);
    IF v_retry > 0 THEN
        PERFORM shared.refuse('too_many_logins', jsonb_build_object('retry_after', v_retry));
    END IF;
    SELECT * INTO v_account FROM account.account a WHERE a.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_account.password_hash <> p_verified_hash
          AND v_account.password_hash IS DISTINCT FROM p_new_hash THEN
        PERFORM shared.refuse('unavailable', '{"retry_after": 1}');
    END IF;
    DELETE FROM account.login_failure f WHERE f.scope = p_identifier_scope;
    RETURN v_account;
END $$;
