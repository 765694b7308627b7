-- Locks a sign-in that the issuer has confirmed, and with it whoever that is: of two of one person at once
-- the second sees what the first has made. `p_account` is whom it is to be linked to, NULL to sign in.
-- `p_use` names what comes of it; a repetition finds its own.
--
-- The person comes before the account, and that before what belongs to it, as everywhere: a new password and
-- an erasure take away what was begun for an account while they hold it.
CREATE OR REPLACE FUNCTION account.hold_oidc_v1(p_state_hash bytea, p_account uuid, p_use uuid)
RETURNS account.oidc_attempt
LANGUAGE plpgsql AS $$
DECLARE
    v_attempt account.oidc_attempt;
BEGIN
    -- What the issuer said is written once.
    SELECT * INTO v_attempt FROM account.oidc_attempt o WHERE o.state_hash = p_state_hash;
    PERFORM pg_advisory_xact_lock(hashtext('account.identity'), hashtext(
        (v_attempt.identity->>'issuer') || ' ' || (v_attempt.identity->>'subject')));
    IF p_account IS NOT NULL THEN
        PERFORM account.hold_account_v1(p_account);
    END IF;
    SELECT * INTO v_attempt FROM account.oidc_attempt o WHERE o.state_hash = p_state_hash FOR UPDATE;
    IF NOT FOUND OR v_attempt.identity IS NULL OR v_attempt.expires_at <= shared.real_now()
       OR v_attempt.used_by <> p_use OR v_attempt.account_id IS DISTINCT FROM p_account THEN
        PERFORM shared.refuse('oidc_over');
    END IF;
    UPDATE account.oidc_attempt o SET used_by = p_use WHERE o.state_hash = p_state_hash;
    RETURN v_attempt;
END $$;
