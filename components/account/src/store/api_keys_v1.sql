-- An account's keys for programs that are good, newest first: they are few.
CREATE OR REPLACE FUNCTION account.api_keys_v1(p_account uuid) RETURNS TABLE (items text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce(jsonb_agg(account.api_key_json_v1(k) ORDER BY k.id DESC), '[]')::text
    FROM account.api_key k WHERE k.account_id = p_account AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > shared.real_now());
END $$;
