-- What an account does not want to be told. No row: there is no such account.
CREATE OR REPLACE FUNCTION account.preferences_v1(p_account uuid) RETURNS TABLE (switched_off jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT to_jsonb(coalesce(n.switched_off, '{}'))
    FROM account.account a LEFT JOIN account.notification_preference n ON n.account_id = a.id
    WHERE a.id = p_account AND a.status <> 'erased';
END $$;
