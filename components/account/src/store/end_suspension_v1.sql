-- Ends the suspension of an account, which is locked: by somebody of the staff, or, with NULL, because its
-- time has come.
CREATE OR REPLACE FUNCTION account.end_suspension_v1(p_actor uuid, p_account account.account) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account.account a
    SET status = 'active', suspended_at = NULL, suspended_until = NULL, suspended_because = NULL,
        suspended_by = NULL, version = a.version + 1, updated_at = shared.now()
    WHERE a.id = p_account.id;
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_actor, p_account.id, 'suspension_ended');
END $$;
