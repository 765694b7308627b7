-- Takes an address from an account that claims it and comes too late: another one has verified it.
-- The only identifier of an account stays, and is good for nothing.
CREATE OR REPLACE FUNCTION account.drop_claim_v1(p_account uuid, p_channel text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_channel = 'email' THEN
        UPDATE account.account a
        SET pending_email = NULL,
            email = CASE WHEN a.email_verified_at IS NOT NULL
                           OR (a.username IS NULL AND a.phone IS NULL) THEN a.email END,
            version = a.version + 1, updated_at = shared.now()
        WHERE a.id = p_account;
    ELSE
        UPDATE account.account a
        SET pending_phone = NULL,
            phone = CASE WHEN a.phone_verified_at IS NOT NULL
                           OR (a.username IS NULL AND a.email IS NULL) THEN a.phone END,
            version = a.version + 1, updated_at = shared.now()
        WHERE a.id = p_account;
    END IF;
END $$;
