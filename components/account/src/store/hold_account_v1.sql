-- Locks an account for a change of what belongs to it. Not one that is erased: nothing is added to that.
CREATE OR REPLACE FUNCTION account.hold_account_v1(p_account uuid) RETURNS account.account
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
BEGIN
    SELECT * INTO v_account FROM account.account a
    WHERE a.id = p_account AND a.status <> 'erased' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    END IF;
    RETURN v_account;
END $$;
