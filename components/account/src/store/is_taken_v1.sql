-- Whether an address is verified, as somebody's.
CREATE OR REPLACE FUNCTION account.is_taken_v1(p_channel text, p_address text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_channel = 'email' THEN
        RETURN EXISTS (SELECT FROM account.account a
                       WHERE a.email = p_address AND a.email_verified_at IS NOT NULL);
    END IF;
    RETURN EXISTS (SELECT FROM account.account a
                   WHERE a.phone = p_address AND a.phone_verified_at IS NOT NULL);
END $$;
