-- Ends a suspension. An account that is not suspended stays as it is.
CREATE OR REPLACE FUNCTION account.reinstate_v1(p_actor uuid, p_account uuid, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.staff_acts_v1(p_actor, p_account, 'moderator');
BEGIN
    IF v_account.status = 'suspended' THEN
        PERFORM account.end_suspension_v1(p_actor, v_account, p_trace);
    END IF;
END $$;
