-- Where the owner of an account is told what concerns its security: at a verified address. No row: nowhere.
CREATE OR REPLACE FUNCTION account.address_to_tell_v1(p_account uuid)
RETURNS TABLE (channel text, address text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT CASE WHEN a.email_verified_at IS NOT NULL THEN 'email' ELSE 'phone' END,
           CASE WHEN a.email_verified_at IS NOT NULL THEN a.email ELSE a.phone END
    FROM account.account a
    WHERE a.id = p_account
      AND (a.email_verified_at IS NOT NULL OR a.phone_verified_at IS NOT NULL);
END $$;
