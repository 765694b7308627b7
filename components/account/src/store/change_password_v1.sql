-- Changes a password whose owner has given the old one. The session stays, the others end. A repetition
-- finds its own hash, which has a salt of its own, and changes nothing.
CREATE OR REPLACE FUNCTION account.change_password_v1(
    p_account uuid, p_session uuid, p_verified_hash text, p_new_hash text,
    p_identifier_scope text, p_address_scope text, p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.password_confirmed_v1(
        p_account, p_verified_hash, p_new_hash, p_identifier_scope, p_address_scope);
BEGIN
    IF v_account.password_hash <> p_new_hash THEN
        PERFORM account.set_password_v1(v_account, p_new_hash, p_session, 'owner', p_told, p_trace);
    END IF;
END $$;
