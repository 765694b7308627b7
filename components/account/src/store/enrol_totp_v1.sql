-- Gives an account whose owner has just given the password the secret of a second factor, which is in
-- force once it is confirmed. One that was not confirmed is replaced. Answers what the account is called
-- in an authenticator.
CREATE OR REPLACE FUNCTION account.enrol_totp_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_id uuid, p_sealed bytea
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.password_confirmed_v1(
        p_account, p_verified_hash, NULL, p_identifier_scope, p_address_scope);
BEGIN
    PERFORM account.can_be_told_v1(v_account);
    INSERT INTO account.totp AS t (account_id, id, sealed, created_at)
    VALUES (p_account, p_id, p_sealed, shared.real_now())
    ON CONFLICT (account_id) DO UPDATE
        SET id = p_id, sealed = p_sealed, created_at = shared.real_now(), last_step = 0, used_by = NULL
        WHERE t.confirmed_at IS NULL;
    IF NOT FOUND THEN
        PERFORM shared.refuse('second_factor_on');
    END IF;
    RETURN coalesce(v_account.email, v_account.username, v_account.phone);
END $$;
