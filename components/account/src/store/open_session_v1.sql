-- Opens a session after the password was found right. `p_forget` clears the failures of the
-- identifier; not to be set when several accounts claim it, or whoever registered a stranger's
-- address could clear them with his own password between guesses at the stranger's.
-- `p_verified_hash` is what the password was verified against; `p_new_hash`, where not NULL, takes
-- its place. A repetition with the same ids answers the same.
CREATE OR REPLACE FUNCTION account.open_session_v1(
    p_session uuid, p_account uuid, p_verified_hash text, p_new_hash text,
    p_token_hash bytea, p_chain_key bytea, p_user_agent text, p_address text,
    p_identifier_scope text, p_address_scope text, p_forget boolean
) RETURNS TABLE (account_json jsonb, key_id text, key_secret bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp;
    v_retry integer;
    v_row account.account;
    v_key record;
BEGIN
    -- Shared: logins that succeed do not wait for one another, only for failures being counted.
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
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
    ELSIF v_row.status = 'suspended' THEN
        PERFORM shared.refuse('account_suspended');
    END IF;
    SELECT * INTO v_key FROM account.signing_key_v1();

    v_now := shared.real_now();
    UPDATE account.account a SET password_hash = p_new_hash
    WHERE a.id = p_account AND a.password_hash = p_verified_hash AND p_new_hash IS NOT NULL;
    INSERT INTO account.session
        (id, account_id, chain_key, user_agent, address, created_at, seen_at, expires_at)
    VALUES (p_session, p_account, p_chain_key, p_user_agent, p_address,
            v_now, v_now, v_now + interval '30 days')
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO account.refresh_token (token_hash, session_id, created_at, expires_at)
    VALUES (p_token_hash, p_session, v_now, v_now + interval '30 days')
    ON CONFLICT (token_hash) DO NOTHING;
    DELETE FROM account.login_failure f WHERE p_forget AND f.scope = p_identifier_scope;
    RETURN QUERY SELECT account.self_json_v1(v_row), v_key.kid, v_key.secret;
END $$;
