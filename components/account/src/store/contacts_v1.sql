-- An account's whole address book, newest first: it is never long.
CREATE OR REPLACE FUNCTION account.contacts_v1(p_account uuid) RETURNS TABLE (items text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce(jsonb_agg(account.contact_json_v1(c) ORDER BY c.id DESC), '[]')::text
    FROM account.contact c WHERE c.account_id = p_account;
END $$;
