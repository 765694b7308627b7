-- Spends a refresh token and answers its successor, SHA-256 of the session's chain key and the
-- token: the same token has the same successor, so nothing secret needs to be kept to repeat a
-- lost answer. Within 10 seconds a spent token is taken for that, as long as its successor was not
-- spent itself; otherwise it was stolen, from the owner or by him, and the session ends.
--
-- `outcome` is `refreshed`, `invalid` or `reused`. It is no refusal, because what `reused` did has
-- to be committed.
CREATE OR REPLACE FUNCTION account.refresh_v1(p_token bytea, p_address text, p_trace text)
RETURNS TABLE (
    outcome text, session_of_token uuid, account_json jsonb, key_id text, key_alg text,
    key_secret bytea, successor bytea
)
LANGUAGE plpgsql AS $$
DECLARE
    v_hash bytea := sha256(p_token);
    v_session account.session;
    v_token account.refresh_token;
    v_account account.account;
    v_key record;
    v_next bytea;
    v_now timestamp;
BEGIN
    -- The session is locked first: its tokens change only under that lock.
    SELECT s.* INTO v_session
    FROM account.session s
    WHERE s.id = (SELECT t.session_id FROM account.refresh_token t WHERE t.token_hash = v_hash)
    FOR UPDATE;
    v_now := shared.real_now();
    SELECT t.* INTO v_token FROM account.refresh_token t WHERE t.token_hash = v_hash;
    SELECT a.* INTO v_account FROM account.account a WHERE a.id = v_session.account_id;
    IF v_session.id IS NULL OR v_token.token_hash IS NULL
       OR v_session.revoked_at IS NOT NULL OR v_session.expires_at <= v_now
       OR v_token.expires_at <= v_now OR account.is_suspended_v1(v_account) THEN
        RETURN QUERY SELECT 'invalid', NULL::uuid, NULL::jsonb, NULL::text, NULL::text,
            NULL::bytea, NULL::bytea;
        RETURN;
    END IF;

    v_next := sha256(v_session.chain_key || p_token);
    IF v_token.spent_at IS NOT NULL AND NOT (
        v_token.spent_at > v_now - interval '10 seconds'
        AND EXISTS (SELECT 1 FROM account.refresh_token t
                    WHERE t.token_hash = sha256(v_next) AND t.spent_at IS NULL)
    ) THEN
        INSERT INTO account.audit (account_id, action, facts)
        VALUES (v_session.account_id, 'refresh_reuse',
                jsonb_build_object('session_id', v_session.id, 'address', p_address));
        PERFORM account.revoke_session_v1(v_session.id, 'refresh_reuse', NULL, p_trace);
        RETURN QUERY SELECT 'reused', v_session.id, NULL::jsonb, NULL::text, NULL::text,
            NULL::bytea, NULL::bytea;
        RETURN;
    END IF;

    SELECT * INTO v_key FROM account.signing_key_v1();
    IF v_token.spent_at IS NULL THEN
        UPDATE account.refresh_token t SET spent_at = v_now WHERE t.token_hash = v_hash;
        INSERT INTO account.refresh_token (token_hash, session_id, created_at, expires_at)
        VALUES (sha256(v_next), v_session.id, v_now, v_now + interval '30 days');
        UPDATE account.session s
        SET seen_at = v_now, address = p_address, expires_at = v_now + interval '30 days'
        WHERE s.id = v_session.id;
    END IF;
    RETURN QUERY SELECT 'refreshed', v_session.id, account.self_json_v1(v_account),
        v_key.kid, v_key.alg, v_key.secret, v_next;
END $$;
