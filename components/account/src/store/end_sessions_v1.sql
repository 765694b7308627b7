-- Ends all sessions of an account, which is locked. The tokens of its keys for programs stop working too;
-- what the keys may do then is asked when they are exchanged again.
CREATE OR REPLACE FUNCTION account.end_sessions_v1(
    p_account uuid, p_because text, p_actor uuid, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_session uuid;
BEGIN
    FOR v_session IN
        SELECT s.id FROM account.session s
        WHERE s.account_id = p_account AND s.revoked_at IS NULL ORDER BY s.id
    LOOP
        PERFORM account.revoke_session_v1(v_session, p_because, p_actor, p_trace);
    END LOOP;
    INSERT INTO shared.revocation (session_id, revoked_at)
    SELECT k.session_id, shared.real_now() FROM account.api_key k
    WHERE k.account_id = p_account AND k.revoked_at IS NULL
    ON CONFLICT (session_id) DO NOTHING;
    UPDATE account.api_key k SET session_id = gen_random_uuid()
    WHERE k.account_id = p_account AND k.revoked_at IS NULL;
END $$;
