-- Locks an account's address book, for every change of it: the row of the account stands for the
-- whole book, so that changes come one after another and none waits for two locks. Answers how many
-- contacts there are.
CREATE OR REPLACE FUNCTION account.lock_contacts_v1(p_account uuid) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM account.hold_account_v1(p_account);
    RETURN (SELECT count(*) FROM account.contact c WHERE c.account_id = p_account);
END $$;
