-- An account's devices, those seen last first: they are few.
CREATE OR REPLACE FUNCTION account.devices_v1(p_account uuid) RETURNS TABLE (items text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce(jsonb_agg(account.device_json_v1(d) ORDER BY d.seen_at DESC, d.id DESC), '[]')::text
    FROM account.device d WHERE d.account_id = p_account;
END $$;
