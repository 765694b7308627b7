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
    v_row account.account := account.password_stands_v1(
        p_account, p_verified_hash, p_new_hash, p_identifier_scope, p_address_scope, p_proof IS NOT NULL);
    v_key record;
BEGIN
    IF v_row.id IS NULL THEN
        PERFORM shared.refuse('invalid_credentials');
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
