-- Makes an account for somebody whom only an issuer knows. An address is taken from what it says only when it
-- says that it is verified; when an account has that already, its owner has to sign in to it and link the
-- issuer: whoever could make an issuer say an address would get the account otherwise.
CREATE OR REPLACE FUNCTION account.make_account_of_v1(
    p_id uuid, p_attempt account.oidc_attempt, p_no_password text, p_trace text
) RETURNS account.account
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_identity jsonb := p_attempt.identity;
    v_email text := CASE WHEN (v_identity->>'email_verified')::boolean THEN v_identity->>'email' END;
    v_account account.account;
BEGIN
    BEGIN
        INSERT INTO account.account AS a (
            id, email, email_verified_at, password_hash, has_password, name, country, locale,
            created_at, updated_at)
        VALUES (
            p_id, v_email, CASE WHEN v_email IS NOT NULL THEN v_now END, p_no_password, false,
            v_identity->>'name', coalesce(p_attempt.country, v_identity->>'country'),
            coalesce(p_attempt.locale, v_identity->>'locale'), v_now, v_now)
        RETURNING a.* INTO v_account;
    EXCEPTION WHEN unique_violation THEN
        PERFORM shared.refuse('identity_not_linked');
    END;
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_id, p_id, 'registered', jsonb_build_object('provider', p_attempt.provider));
    PERFORM account.publish('account.registered', v_account.id, v_account.version,
        jsonb_build_object('account_id', p_id, 'name', v_account.name, 'locale', v_account.locale), p_trace);
    IF v_email IS NOT NULL THEN
        PERFORM account.publish('account.verified', p_id, v_account.version,
            jsonb_build_object('account_id', p_id, 'channel', 'email'), p_trace);
    END IF;
    RETURN v_account;
END $$;
