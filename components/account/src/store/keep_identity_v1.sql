-- Writes down who an account is at an issuer. The account is locked; so is the identity.
CREATE OR REPLACE FUNCTION account.keep_identity_v1(p_id uuid, p_account uuid, p_attempt account.oidc_attempt)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
BEGIN
    IF (SELECT count(*) FROM account.identity i WHERE i.account_id = p_account) >= 10 THEN
        PERFORM shared.refuse('too_many_identities');
    END IF;
    INSERT INTO account.identity (id, account_id, issuer, subject, provider, email, created_at, used_at)
    VALUES (p_id, p_account, p_attempt.identity->>'issuer', p_attempt.identity->>'subject',
            p_attempt.provider, p_attempt.identity->>'email', v_now, v_now);
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_account, p_account, 'identity_linked', jsonb_build_object('provider', p_attempt.provider));
END $$;
