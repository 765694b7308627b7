-- Locks an account whose owner has just given the password, for a change that needs it. Guards as
-- `open_session_v1` does: see `password_stands_v1`.
CREATE OR REPLACE FUNCTION account.password_confirmed_v1(
    p_account uuid, p_verified_hash text, p_new_hash text,
    p_identifier_scope text, p_address_scope text
) RETURNS account.account
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.password_stands_v1(
        p_account, p_verified_hash, p_new_hash, p_identifier_scope, p_address_scope, false);
BEGIN
    IF v_account.id IS NULL THEN
        PERFORM shared.refuse('not_found');
    END IF;
    DELETE FROM account.login_failure f WHERE f.scope = p_identifier_scope;
    RETURN v_account;
END $$;
