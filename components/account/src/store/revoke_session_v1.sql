-- Ends a session: its refresh tokens at once, its access tokens as soon as the modules have seen
-- `shared.revocation`, which is told only while there may be some: they last 15 minutes from when the session
-- was refreshed last. False when it had ended before.
CREATE OR REPLACE FUNCTION account.revoke_session_v1(
    p_session uuid, p_because text, p_actor uuid, p_trace text
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_account uuid;
    v_seen timestamp;
    v_version bigint;
BEGIN
    UPDATE account.session s SET revoked_at = shared.real_now(), revoked_because = p_because
    WHERE s.id = p_session AND s.revoked_at IS NULL
    RETURNING s.account_id, s.seen_at INTO v_account, v_seen;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO shared.revocation (session_id, revoked_at)
    SELECT p_session, shared.real_now() WHERE v_seen > shared.real_now() - interval '20 minutes'
    ON CONFLICT (session_id) DO NOTHING;
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_actor, v_account, 'session_revoked',
            jsonb_build_object('session_id', p_session, 'reason', p_because));
    SELECT a.version INTO v_version FROM account.account a WHERE a.id = v_account;
    PERFORM account.publish('account.session_revoked', v_account, v_version,
        jsonb_build_object('account_id', v_account, 'session_id', p_session, 'reason', p_because),
        p_trace);
    RETURN true;
END $$;
