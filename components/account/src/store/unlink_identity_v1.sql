-- Takes an identity from an account. Not the last way in.
CREATE OR REPLACE FUNCTION account.unlink_identity_v1(p_account uuid, p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.hold_account_v1(p_account);
    v_provider text;
BEGIN
    SELECT i.provider INTO v_provider FROM account.identity i
    WHERE i.account_id = p_account AND i.id = p_id;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF NOT v_account.has_password
          AND NOT EXISTS (SELECT FROM account.identity i WHERE i.account_id = p_account AND i.id <> p_id) THEN
        PERFORM shared.refuse('last_way_in');
    END IF;
    DELETE FROM account.identity i WHERE i.id = p_id;
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_account, p_account, 'identity_unlinked', jsonb_build_object('provider', v_provider));
END $$;
