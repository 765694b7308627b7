-- Locks an account whose owner has just given the password and a code, for a change of its second
-- factor.
CREATE OR REPLACE FUNCTION account.factor_confirmed_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_proof jsonb, p_use uuid
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM account.codes_open_v1(p_account, p_identifier_scope, p_address_scope);
    PERFORM account.password_confirmed_v1(
        p_account, p_verified_hash, NULL, p_identifier_scope, p_address_scope);
    IF NOT EXISTS (SELECT FROM account.totp t
                   WHERE t.account_id = p_account AND t.confirmed_at IS NOT NULL) THEN
        PERFORM shared.refuse('second_factor_off');
    ELSIF NOT account.second_factor_v1(p_account, p_proof, p_use) THEN
        PERFORM shared.refuse('wrong_code');
    END IF;
    DELETE FROM account.login_failure f WHERE f.scope = 'code:' || p_account;
END $$;
