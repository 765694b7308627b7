-- Refuses another way into an account, or another lock on it, while its owner can be told of nothing: with an
-- address that is not proven, whoever registered it first could shut out, or stay with, its owner.
CREATE OR REPLACE FUNCTION account.can_be_told_v1(p_account account.account) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_account.email_verified_at IS NULL AND p_account.phone_verified_at IS NULL THEN
        PERFORM shared.refuse('address_unverified');
    END IF;
END $$;
