-- Takes an account's second factor away, with its recovery codes, for its owner, who is told of it at `p_told`: see
-- `tell_access_v1`.
CREATE OR REPLACE FUNCTION account.remove_totp_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_proof jsonb, p_use uuid, p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
BEGIN
    PERFORM account.factor_confirmed_v1(
        p_account, p_verified_hash, p_identifier_scope, p_address_scope, p_proof, p_use);
    DELETE FROM account.totp t WHERE t.account_id = p_account;
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_account, p_account, 'second_factor_off');
    SELECT * INTO v_account FROM account.account a WHERE a.id = p_account;
    PERFORM account.tell_access_v1(v_account, 'second_factor_off', NULL, p_told, p_trace);
END $$;
