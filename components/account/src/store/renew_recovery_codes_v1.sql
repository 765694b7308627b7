-- Gives an account new recovery codes; the old ones are void.
CREATE OR REPLACE FUNCTION account.renew_recovery_codes_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_proof jsonb, p_use uuid, p_hashes text[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM account.factor_confirmed_v1(
        p_account, p_verified_hash, p_identifier_scope, p_address_scope, p_proof, p_use);
    PERFORM account.set_recovery_codes_v1(p_account, p_hashes);
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_account, p_account, 'recovery_codes_renewed');
END $$;
