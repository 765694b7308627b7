-- Ends the tokens of an account's keys for programs, which stay: what they may do is asked when they are
-- exchanged again. The account is locked.
CREATE OR REPLACE FUNCTION account.end_key_tokens_v1(p_account uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_key account.api_key;
BEGIN
    FOR v_key IN
        SELECT * FROM account.api_key k
        WHERE k.account_id = p_account AND k.revoked_at IS NULL ORDER BY k.id FOR UPDATE
    LOOP
        PERFORM account.revoke_key_tokens_v1(v_key);
        UPDATE account.api_key k SET session_id = gen_random_uuid() WHERE k.id = v_key.id;
    END LOOP;
END $$;
