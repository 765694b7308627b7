-- Locks an account for something that a member of the staff does to it, and the actor's with it: of two
-- who take each other's role only one can. Refuses what the actor may not: a token may say more than is
-- true by now. Only an administrator acts on staff, and nobody on themselves.
CREATE OR REPLACE FUNCTION account.staff_acts_v1(p_actor uuid, p_account uuid, p_role text)
RETURNS account.account
LANGUAGE plpgsql AS $$
DECLARE
    v_actor account.account;
    v_account account.account;
BEGIN
    PERFORM 1 FROM account.account a WHERE a.id IN (p_actor, p_account) ORDER BY a.id FOR NO KEY UPDATE;
    SELECT * INTO v_actor FROM account.account a WHERE a.id = p_actor;
    SELECT * INTO v_account FROM account.account a WHERE a.id = p_account;
    IF v_actor.id IS NULL OR account.is_suspended_v1(v_actor)
       OR NOT (p_role = ANY (v_actor.roles) OR 'admin' = ANY (v_actor.roles)) THEN
        PERFORM shared.refuse('forbidden');
    ELSIF v_account.id IS NULL OR v_account.status = 'erased' THEN
        PERFORM shared.refuse('not_found');
    ELSIF p_actor = p_account THEN
        PERFORM shared.refuse('own_account');
    ELSIF NOT 'admin' = ANY (v_actor.roles) AND v_account.roles && '{moderator,admin}' THEN
        PERFORM shared.refuse('forbidden');
    END IF;
    RETURN v_account;
END $$;
