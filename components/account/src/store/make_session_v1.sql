-- Makes the session of somebody who may sign in: the account is locked, and everything is looked at. A
-- repetition with the same ids changes nothing.
CREATE OR REPLACE FUNCTION account.make_session_v1(
    p_account account.account, p_session uuid, p_token_hash bytea, p_chain_key bytea,
    p_user_agent text, p_address text, p_device jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
BEGIN
    INSERT INTO account.session
        (id, account_id, chain_key, user_agent, address, created_at, seen_at, expires_at)
    VALUES (p_session, p_account.id, p_chain_key, p_user_agent, p_address,
            v_now, v_now, v_now + interval '30 days')
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO account.refresh_token (token_hash, session_id, created_at, expires_at)
    VALUES (p_token_hash, p_session, v_now, v_now + interval '30 days')
    ON CONFLICT (token_hash) DO NOTHING;
    PERFORM account.see_device_v1(p_account, p_session, p_device, p_trace);
END $$;
