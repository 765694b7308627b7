-- Ends one session of an account, or all of them where `p_session` is NULL. Somebody else's
-- session is not found; one that has ended already stays so.
CREATE OR REPLACE FUNCTION account.logout_v1(p_account uuid, p_session uuid, p_trace text)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid;
    v_found boolean := false;
    v_ended integer := 0;
BEGIN
    FOR v_id IN
        SELECT s.id FROM account.session s
        WHERE s.account_id = p_account AND s.id = p_session
        UNION ALL
        SELECT s.id FROM account.session s
        WHERE s.account_id = p_account AND p_session IS NULL AND s.revoked_at IS NULL
        ORDER BY id
    LOOP
        v_found := true;
        IF account.revoke_session_v1(
            v_id, CASE WHEN p_session IS NULL THEN 'logout_everywhere' ELSE 'logout' END,
            p_account, p_trace)
        THEN
            v_ended := v_ended + 1;
        END IF;
    END LOOP;
    IF p_session IS NOT NULL AND NOT v_found THEN
        PERFORM shared.refuse('not_found');
    END IF;
    RETURN v_ended;
END $$;
