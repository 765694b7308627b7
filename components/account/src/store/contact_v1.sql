-- A contact for its owner, with its version. No row: the account has no such contact.
CREATE OR REPLACE FUNCTION account.contact_v1(p_account uuid, p_id uuid)
RETURNS TABLE (body text, version_now bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT account.contact_json_v1(c)::text, c.version
    FROM account.contact c WHERE c.id = p_id AND c.account_id = p_account;
END $$;
