-- An account's roles. No row: no such account.
CREATE OR REPLACE FUNCTION account.roles_v1(p_account uuid) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT jsonb_build_object('account_id', a.id, 'roles', to_jsonb(a.roles))::text
    FROM account.account a WHERE a.id = p_account;
END $$;
