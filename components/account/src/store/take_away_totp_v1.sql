-- Takes a second factor that was lost away from an account, with its recovery codes, by an administrator who has made
-- sure whose it is. The account's sessions end, and its owner is told at `p_told`: should it have been somebody else
-- who asked for it, the owner finds out.
CREATE OR REPLACE FUNCTION account.take_away_totp_v1(
    p_actor uuid, p_account uuid, p_reason text, p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.staff_acts_v1(p_actor, p_account, 'admin');
BEGIN
    DELETE FROM account.totp t WHERE t.account_id = p_account AND t.confirmed_at IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM shared.refuse('second_factor_off');
    END IF;
    -- Whoever has lost it may have tried: the next one is not locked from the start.
    DELETE FROM account.login_failure f WHERE f.scope = 'code:' || p_account;
    PERFORM account.end_sessions_v1(p_account, NULL, 'second_factor_taken_away', p_actor, p_trace);
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_actor, p_account, 'second_factor_taken_away', jsonb_build_object('reason', p_reason));
    PERFORM account.tell_access_v1(v_account, 'second_factor_taken_away', NULL, p_told, p_trace);
END $$;
