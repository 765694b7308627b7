-- The verified address in whose place another one comes by what was sent to that, asked before it is verified and
-- named as in `verify_v1`: there the owner is told. No row: it takes nobody's place, or nothing was sent. It
-- cannot be another one by then, since what was sent before an address is verified is void afterwards.
CREATE OR REPLACE FUNCTION account.replaced_address_v1(p_token_hash bytea, p_account uuid, p_channel text)
RETURNS TABLE (channel text, address text)
LANGUAGE plpgsql AS $$
BEGIN
    IF p_token_hash IS NOT NULL THEN
        RETURN QUERY
        SELECT v.channel, CASE v.channel WHEN 'email' THEN a.email ELSE a.phone END
        FROM account.verification v
        JOIN account.account a ON a.id = v.account_id
        WHERE v.token_hash = p_token_hash AND v.purpose = 'verify' AND v.used_by IS NULL
          AND CASE v.channel WHEN 'email' THEN a.email_verified_at ELSE a.phone_verified_at END IS NOT NULL;
    ELSE
        RETURN QUERY
        SELECT p_channel, CASE p_channel WHEN 'email' THEN a.email ELSE a.phone END
        FROM account.account a
        WHERE a.id = p_account AND account.claim_v1(a, p_channel) IS NOT NULL
          AND CASE p_channel WHEN 'email' THEN a.email_verified_at ELSE a.phone_verified_at END IS NOT NULL;
    END IF;
END $$;
