-- Takes an account's second factor away, with its recovery codes.
CREATE OR REPLACE FUNCTION account.remove_totp_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_proof jsonb, p_use uuid
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM account.factor_confirmed_v1(
        p_account, p_verified_hash, p_identifier_scope, p_address_scope, p_proof, p_use);
    DELETE FROM account.totp t WHERE t.account_id = p_account;
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_account, p_account, 'second_factor_off');
END $$;
