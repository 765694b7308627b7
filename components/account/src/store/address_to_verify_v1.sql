-- The address of a kind that an account may verify. No row: there is none.
CREATE OR REPLACE FUNCTION account.address_to_verify_v1(p_account uuid, p_channel text)
RETURNS TABLE (address text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT account.claim_v1(a, p_channel) FROM account.account a
    WHERE a.id = p_account AND account.claim_v1(a, p_channel) IS NOT NULL;
END $$;
