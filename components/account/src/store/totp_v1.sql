-- An account's second factor: its enrolment and secret, NULL where there is none, whether it is in force
-- and since when, and how many recovery codes are left.
CREATE OR REPLACE FUNCTION account.totp_v1(p_account uuid)
RETURNS TABLE (totp_id uuid, sealed bytea, confirmed_at text, codes_left bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT t.id, t.sealed, shared.rfc3339(t.confirmed_at),
           (SELECT count(*) FROM account.recovery_code c
            WHERE c.account_id = p_account AND c.used_by IS NULL)
    FROM account.account a LEFT JOIN account.totp t ON t.account_id = a.id
    WHERE a.id = p_account;
END $$;
