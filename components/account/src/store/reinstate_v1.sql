-- Ends a suspension. An account that is not suspended stays as it is.
CREATE OR REPLACE FUNCTION account.reinstate_v1(p_actor uuid, p_account uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.staff_acts_v1(p_actor, p_account, 'moderator');
BEGIN
    IF v_account.status <> 'suspended' THEN
        RETURN;
    END IF;
    UPDATE account.account a
    SET status = 'active', suspended_at = NULL, suspended_until = NULL, suspended_because = NULL,
        suspended_by = NULL, version = a.version + 1, updated_at = shared.now()
    WHERE a.id = p_account;
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_actor, p_account, 'suspension_ended');
END $$;
