-- Ends the living sessions of an account, which is locked, but `p_keep`, where that is not NULL.
CREATE OR REPLACE FUNCTION account.end_sessions_v1(
    p_account uuid, p_keep uuid, p_because text, p_actor uuid, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_session uuid;
BEGIN
    FOR v_session IN
        SELECT s.id FROM account.session s
        WHERE s.account_id = p_account AND s.revoked_at IS NULL AND s.expires_at > shared.real_now()
          AND s.id IS DISTINCT FROM p_keep
        ORDER BY s.id
    LOOP
        PERFORM account.revoke_session_v1(v_session, p_because, p_actor, p_trace);
    END LOOP;
END $$;
