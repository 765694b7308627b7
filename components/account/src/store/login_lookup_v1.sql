-- What a login needs to know: whether it is locked out, and whose password to try. The account
-- whose address is verified, or else the three newest that claim the address. No row: nobody.
CREATE OR REPLACE FUNCTION account.login_lookup_v1(
    p_kind text, p_identifier text, p_identifier_scope text, p_address_scope text
) RETURNS TABLE (retry_after integer, candidate_id uuid, candidate_hash text)
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer := account.login_locked_v1(p_identifier_scope, p_address_scope);
BEGIN
    IF v_retry > 0 THEN
        RETURN QUERY SELECT v_retry, NULL::uuid, NULL::text;
    ELSIF p_kind = 'username' THEN
        RETURN QUERY SELECT 0, a.id, a.password_hash FROM account.account a
            WHERE a.username = p_identifier;
    ELSIF p_kind = 'email' THEN
        RETURN QUERY SELECT 0, a.id, a.password_hash FROM account.account a
            WHERE a.email = p_identifier AND a.email_verified_at IS NOT NULL;
        IF NOT FOUND THEN
            RETURN QUERY SELECT 0, a.id, a.password_hash FROM account.account a
                WHERE a.email = p_identifier AND a.email_verified_at IS NULL
                ORDER BY a.created_at DESC LIMIT 3;
        END IF;
    ELSIF p_kind = 'phone' THEN
        RETURN QUERY SELECT 0, a.id, a.password_hash FROM account.account a
            WHERE a.phone = p_identifier AND a.phone_verified_at IS NOT NULL;
        IF NOT FOUND THEN
            RETURN QUERY SELECT 0, a.id, a.password_hash FROM account.account a
                WHERE a.phone = p_identifier AND a.phone_verified_at IS NULL
                ORDER BY a.created_at DESC LIMIT 3;
        END IF;
    END IF;
END $$;
