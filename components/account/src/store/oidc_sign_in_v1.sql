-- Opens a session for somebody whom an issuer has confirmed; an account is made for whoever has none. What
-- holds for a password holds here: the second factor, suspensions, and that a new device is told of.
-- `p_new` and `p_identity` are ids for what may have to be made. A repetition with the same ids answers the
-- same.
CREATE OR REPLACE FUNCTION account.oidc_sign_in_v1(
    p_state_hash bytea, p_session uuid, p_token_hash bytea, p_chain_key bytea,
    p_user_agent text, p_address text, p_address_scope text, p_proof jsonb, p_device jsonb,
    p_new uuid, p_identity uuid, p_no_password text, p_trace text
) RETURNS TABLE (account_json jsonb, key_id text, key_alg text, key_secret bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_attempt account.oidc_attempt := account.hold_oidc_v1(p_state_hash, NULL, p_session);
    v_owner uuid;
    v_row account.account;
    v_key record;
BEGIN
    SELECT i.account_id INTO v_owner FROM account.identity i
    WHERE i.issuer = v_attempt.identity->>'issuer' AND i.subject = v_attempt.identity->>'subject';
    IF v_owner IS NOT NULL AND p_proof IS NOT NULL THEN
        PERFORM account.codes_open_v1(v_owner, 'id:' || v_owner, p_address_scope);
    END IF;
    SELECT * INTO v_row FROM account.account a WHERE a.id = v_owner FOR NO KEY UPDATE;
    IF v_row.id IS NULL THEN
        v_row := account.make_account_of_v1(p_new, v_attempt, p_no_password, p_trace);
        PERFORM account.keep_identity_v1(p_identity, v_row.id, v_attempt);
    ELSIF NOT EXISTS (SELECT FROM account.identity i
                      WHERE i.issuer = v_attempt.identity->>'issuer'
                        AND i.subject = v_attempt.identity->>'subject') THEN
        -- Unlinked, or the account erased, while this waited for the lock.
        PERFORM shared.refuse('oidc_over');
    END IF;
    PERFORM account.may_sign_in_v1(v_row, p_proof, p_session);
    SELECT * INTO v_key FROM account.signing_key_v1();

    UPDATE account.identity i
    SET used_at = shared.real_now(), email = v_attempt.identity->>'email'
    WHERE i.issuer = v_attempt.identity->>'issuer' AND i.subject = v_attempt.identity->>'subject';
    IF p_proof IS NOT NULL THEN
        DELETE FROM account.login_failure f WHERE f.scope = 'code:' || v_row.id;
    END IF;
    PERFORM account.make_session_v1(v_row, p_session, p_token_hash, p_chain_key, p_user_agent, p_address,
        p_device, p_trace);
    RETURN QUERY SELECT account.self_json_v1(v_row), v_key.kid, v_key.alg, v_key.secret;
END $$;
