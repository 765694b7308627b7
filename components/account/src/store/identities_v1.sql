-- Who an account is elsewhere: it is never long.
CREATE OR REPLACE FUNCTION account.identities_v1(p_account uuid) RETURNS TABLE (items text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce(jsonb_agg(account.identity_json_v1(i) ORDER BY i.id DESC), '[]')::text
    FROM account.identity i WHERE i.account_id = p_account;
END $$;
