-- Links whoever an issuer has confirmed to the account that began it, and tells its owner at `p_told`: see
-- `tell_access_v1`. One that is linked to it already stays so; one of another account is refused.
CREATE OR REPLACE FUNCTION account.link_identity_v1(
    p_state_hash bytea, p_account uuid, p_id uuid, p_told jsonb, p_trace text
) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_attempt account.oidc_attempt := account.hold_oidc_v1(p_state_hash, p_account, p_id);
    v_identity account.identity;
    v_account account.account;
BEGIN
    SELECT * INTO v_identity FROM account.identity i
    WHERE i.issuer = v_attempt.identity->>'issuer' AND i.subject = v_attempt.identity->>'subject';
    IF NOT FOUND THEN
        PERFORM account.keep_identity_v1(p_id, p_account, v_attempt);
        SELECT * INTO v_identity FROM account.identity i WHERE i.id = p_id;
        SELECT * INTO v_account FROM account.account a WHERE a.id = p_account;
        PERFORM account.tell_access_v1(v_account, 'identity_linked', v_attempt.provider, p_told, p_trace);
    ELSIF v_identity.account_id <> p_account THEN
        PERFORM shared.refuse('identity_taken');
    END IF;
    RETURN QUERY SELECT account.identity_json_v1(v_identity)::text;
END $$;
