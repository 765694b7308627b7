-- Deletes a contact at the version given. The newest that remains gets the defaults that it had;
-- the last one may go too, and leaves none. Answers how many remain.
CREATE OR REPLACE FUNCTION account.delete_contact_v1(p_account uuid, p_id uuid, p_version bigint)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_count bigint := account.lock_contacts_v1(p_account);
    v_gone account.contact;
BEGIN
    SELECT * INTO v_gone FROM account.contact c WHERE c.id = p_id AND c.account_id = p_account;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_gone.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    DELETE FROM account.contact c WHERE c.id = p_id;
    IF v_gone.is_default_delivery OR v_gone.is_default_pickup THEN
        UPDATE account.contact c
        SET is_default_delivery = c.is_default_delivery OR v_gone.is_default_delivery,
            is_default_pickup = c.is_default_pickup OR v_gone.is_default_pickup,
            version = c.version + 1, updated_at = shared.now()
        WHERE c.id = (SELECT n.id FROM account.contact n WHERE n.account_id = p_account
                      ORDER BY n.id DESC LIMIT 1);
    END IF;
    RETURN v_count - 1;
END $$;
