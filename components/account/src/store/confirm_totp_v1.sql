-- Puts a second factor in force: a code of the step was right. That code is spent by it. A repetition
-- finds its own recovery codes. The owner is told of it at `p_told`, see `tell_access_v1`.
CREATE OR REPLACE FUNCTION account.confirm_totp_v1(
    p_account uuid, p_identifier_scope text, p_address_scope text,
    p_id uuid, p_step bigint, p_use uuid, p_hashes text[], p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
    v_totp account.totp;
BEGIN
    PERFORM account.codes_open_v1(p_account, p_identifier_scope, p_address_scope);
    v_account := account.hold_account_v1(p_account);
    SELECT * INTO v_totp FROM account.totp t WHERE t.account_id = p_account;
    IF v_totp.id IS DISTINCT FROM p_id THEN
        -- Another one was set up since, or none: the code was of a secret that counts no more.
        PERFORM shared.refuse('wrong_code');
    ELSIF v_totp.confirmed_at IS NOT NULL THEN
        IF v_totp.used_by = p_use THEN
            RETURN;
        END IF;
        PERFORM shared.refuse('second_factor_on');
    END IF;
    UPDATE account.totp t
    SET confirmed_at = shared.real_now(), last_step = p_step, used_by = p_use
    WHERE t.account_id = p_account;
    PERFORM account.set_recovery_codes_v1(p_account, p_hashes);
    DELETE FROM account.login_failure f WHERE f.scope = 'code:' || p_account;
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_account, p_account, 'second_factor_on');
    PERFORM account.tell_access_v1(v_account, 'second_factor_on', NULL, p_told, p_trace);
END $$;
