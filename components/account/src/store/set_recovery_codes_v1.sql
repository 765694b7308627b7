-- Puts new recovery codes, by their hashes in hexadecimal, in place of an account's, which is locked.
CREATE OR REPLACE FUNCTION account.set_recovery_codes_v1(p_account uuid, p_hashes text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM account.recovery_code c WHERE c.account_id = p_account;
    INSERT INTO account.recovery_code (account_id, code_hash)
    SELECT p_account, decode(h, 'hex') FROM unnest(p_hashes) AS h;
END $$;
