-- Opens a session after the password was found right. `p_forget` clears the failures of the
-- identifier; not to be set when several accounts claim it, or whoever registered a stranger's
-- address could clear them with his own password between guesses at the stranger's.
-- `p_verified_hash` is what the password was verified against; `p_new_hash`, where not NULL, takes
-- its place. `p_proof` is that of the second factor, see `second_factor_v1`: NULL when none was sent,
-- or none is needed as far as the caller knows. A repetition with the same ids answers the same.
CREATE OR REPLACE FUNCTION account.open_session_v1(
    p_session uuid, p_account uuid, p_verified_hash text, p_new_hash text,
    p_token_hash bytea, p_chain_key bytea, p_user_agent text, p_address text,
    p_identifier_scope text, p_address_scope text, p_forget boolean,
    p_proof jsonb, p_device jsonb, p_trace text
) RETURNS TABLE (account_json jsonb, key_id text, key_alg text, key_secret bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer;
    v_row account.account;
    v_key record;
BEGIN
    -- Shared: logins that succeed do not wait for one another, only for failures being counted.
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
    IF p_proof IS NOT NULL THEN
        PERFORM account.codes_open_v1(p_account, p_identifier_scope);
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.address'), hashtext(p_address_scope));
    -- Locked since the lookup: a right password must look like the wrong ones tried beside it.
    v_retry := account.login_locked_v1(p_identifier_scope, p_address_scope);
    IF v_retry > 0 THEN
        PERFORM shared.refuse('too_many_logins', jsonb_build_object('retry_after', v_retry));
    END IF;

    SELECT * INTO v_row FROM account.account a WHERE a.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('invalid_credentials');
    ELSIF v_row.password_hash <> p_verified_hash
          AND v_row.password_hash IS DISTINCT FROM p_new_hash THEN
        -- Changed or rehashed between the two statements: the next try reads the new one.
        PERFORM shared.refuse('unavailable', '{"retry_after": 1}');
    END IF;
    PERFORM account.may_sign_in_v1(v_row, p_proof, p_session);
    SELECT * INTO v_key FROM account.signing_key_v1();

    UPDATE account.account a SET password_hash = p_new_hash
    WHERE a.id = p_account AND a.password_hash = p_verified_hash AND p_new_hash IS NOT NULL;
    DELETE FROM account.login_failure f WHERE p_forget AND f.scope = p_identifier_scope;
    IF p_proof IS NOT NULL THEN
        DELETE FROM account.login_failure f WHERE f.scope = 'code:' || p_account;
    END IF;
    PERFORM account.make_session_v1(v_row, p_session, p_token_hash, p_chain_key, p_user_agent, p_address,
        p_device, p_trace);
    RETURN QUERY SELECT account.self_json_v1(v_row), v_key.kid, v_key.alg, v_key.secret;
END $$;
