-- Where a forgotten password is reset: the account that an identifier means, and an address of it that is
-- proven to be its owner's. An unverified one might be anybody's. No row: nowhere.
CREATE OR REPLACE FUNCTION account.reset_target_v1(p_kind text, p_identifier text)
RETURNS TABLE (account_id uuid, channel text, address text)
LANGUAGE plpgsql AS $$
BEGIN
    IF p_kind = 'email' THEN
        RETURN QUERY SELECT a.id, 'email', a.email FROM account.account a
            WHERE a.email = p_identifier AND a.email_verified_at IS NOT NULL;
    ELSIF p_kind = 'phone' THEN
        RETURN QUERY SELECT a.id, 'phone', a.phone FROM account.account a
            WHERE a.phone = p_identifier AND a.phone_verified_at IS NOT NULL;
    ELSE
        RETURN QUERY
            SELECT a.id,
                   CASE WHEN a.email_verified_at IS NOT NULL THEN 'email' ELSE 'phone' END,
                   CASE WHEN a.email_verified_at IS NOT NULL THEN a.email ELSE a.phone END
            FROM account.account a
            WHERE a.username = p_identifier
              AND (a.email_verified_at IS NOT NULL OR a.phone_verified_at IS NOT NULL);
    END IF;
END $$;
