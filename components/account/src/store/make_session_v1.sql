-- Makes the session of somebody who may sign in: the account is locked, and everything is looked at. A
-- repetition with the same ids changes nothing.
--
-- An account has at most 100 living sessions: one more ends the one that was refreshed least lately, so that
-- ending all of them stays a matter of moments. Where there are far more, they go a few at a time.
CREATE OR REPLACE FUNCTION account.make_session_v1(
    p_account account.account, p_session uuid, p_token_hash bytea, p_chain_key bytea,
    p_user_agent text, p_address text, p_device jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_session uuid;
BEGIN
    INSERT INTO account.session
        (id, account_id, chain_key, user_agent, address, created_at, seen_at, expires_at)
    VALUES (p_session, p_account.id, p_chain_key, p_user_agent, p_address,
            v_now, v_now, v_now + interval '30 days')
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO account.refresh_token (token_hash, session_id, created_at, expires_at)
    VALUES (p_token_hash, p_session, v_now, v_now + interval '30 days')
    ON CONFLICT (token_hash) DO NOTHING;
    FOR v_session IN
        SELECT s.id FROM account.session s
        WHERE s.account_id = p_account.id AND s.revoked_at IS NULL AND s.expires_at > v_now
          AND s.id <> p_session
        ORDER BY s.seen_at DESC, s.id DESC OFFSET 99 LIMIT 200
    LOOP
        PERFORM account.revoke_session_v1(v_session, 'too_many_sessions', p_account.id, p_trace);
    END LOOP;
    PERFORM account.see_device_v1(p_account, p_session, p_device, p_trace);
END $$;
