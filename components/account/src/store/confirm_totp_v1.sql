-- Puts a second factor in force: a code of the step was right. That code is spent by it. A repetition
-- finds its own recovery codes.
CREATE OR REPLACE FUNCTION account.confirm_totp_v1(
    p_account uuid, p_id uuid, p_step bigint, p_use uuid, p_hashes text[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_totp account.totp;
BEGIN
    PERFORM account.codes_open_v1(p_account, NULL);
    PERFORM 1 FROM account.account a WHERE a.id = p_account FOR NO KEY UPDATE;
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
END $$;
