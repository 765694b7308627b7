-- Begins a sign-in by way of an issuer, or, with an account whose owner has just been asked, a link to it.
-- Good for ten minutes.
CREATE OR REPLACE FUNCTION account.begin_oidc_v1(
    p_state_hash bytea, p_binding_hash bytea, p_provider text, p_country text, p_locale text,
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_account IS NOT NULL THEN
        PERFORM account.can_be_told_v1(account.password_confirmed_v1(
            p_account, p_verified_hash, NULL, p_identifier_scope, p_address_scope));
    END IF;
    INSERT INTO account.oidc_attempt (state_hash, binding_hash, provider, account_id, country, locale, expires_at)
    VALUES (p_state_hash, p_binding_hash, p_provider, p_account, p_country, p_locale,
            shared.real_now() + interval '10 minutes')
    ON CONFLICT (state_hash) DO NOTHING;
END $$;
