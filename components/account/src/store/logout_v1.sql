-- Ends one session of an account, or all of them where `p_session` is NULL. Somebody else's
-- session is not found; one that has ended already stays so.
CREATE OR REPLACE FUNCTION account.logout_v1(p_account uuid, p_session uuid, p_trace text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_session IS NULL THEN
        PERFORM account.end_sessions_v1(p_account, NULL, 'logout_everywhere', p_account, p_trace);
    ELSIF EXISTS (SELECT FROM account.session s WHERE s.id = p_session AND s.account_id = p_account) THEN
        PERFORM account.revoke_session_v1(p_session, 'logout', p_account, p_trace);
    ELSE
        PERFORM shared.refuse('not_found');
    END IF;
END $$;
