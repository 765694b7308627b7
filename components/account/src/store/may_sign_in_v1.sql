-- Refuses who may not sign in, whatever proved who it is: without the second factor that the account has,
-- or suspended. The account is locked. `p_use` names the request.
CREATE OR REPLACE FUNCTION account.may_sign_in_v1(p_account account.account, p_proof jsonb, p_use uuid)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM account.totp t
               WHERE t.account_id = p_account.id AND t.confirmed_at IS NOT NULL) THEN
        IF p_proof IS NULL THEN
            PERFORM shared.refuse('second_factor_required');
        ELSIF NOT account.second_factor_v1(p_account.id, p_proof, p_use) THEN
            PERFORM shared.refuse('second_factor_wrong');
        END IF;
    END IF;
    PERFORM account.not_suspended_v1(p_account);
END $$;
