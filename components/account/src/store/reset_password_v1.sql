-- Spends the token of a reset: the password is the new one, and all sessions end. False when the token is
-- not good any more. `p_use` names the request.
CREATE OR REPLACE FUNCTION account.reset_password_v1(
    p_token_hash bytea, p_new_hash text, p_use uuid, p_told jsonb, p_trace text
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
    v_sent account.verification;
BEGIN
    -- The account before what belongs to it, as everywhere.
    SELECT * INTO v_account FROM account.account a
    WHERE a.id = (SELECT v.account_id FROM account.verification v
                  WHERE v.token_hash = p_token_hash AND v.purpose = 'reset')
    FOR NO KEY UPDATE;
    SELECT * INTO v_sent FROM account.verification v
    WHERE v.token_hash = p_token_hash AND v.account_id = v_account.id FOR UPDATE;
    IF v_sent.used_by IS NOT NULL THEN
        RETURN v_sent.used_by = p_use;
    ELSIF v_sent.id IS NULL OR v_sent.expires_at <= shared.real_now()
          -- The account has another address by now.
          OR NOT coalesce(CASE WHEN v_sent.channel = 'email'
                 THEN v_account.email = v_sent.address AND v_account.email_verified_at IS NOT NULL
                 ELSE v_account.phone = v_sent.address AND v_account.phone_verified_at IS NOT NULL
                 END, false) THEN
        RETURN false;
    END IF;
    UPDATE account.verification v SET used_by = p_use WHERE v.id = v_sent.id;
    PERFORM account.set_password_v1(v_account, p_new_hash, NULL, 'reset', p_told, p_trace);
    -- Whoever has forgotten a password has tried some.
    DELETE FROM account.login_failure f
    WHERE f.scope IN ('id:' || v_account.email, 'id:' || v_account.phone,
                      'id:' || v_account.username, 'id:' || v_account.id);
    RETURN true;
END $$;
