-- Gives an account another address, to which a letter goes. A verified one stays in force until the new
-- one is verified; the verified one itself calls that off.
CREATE OR REPLACE FUNCTION account.change_address_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_letter jsonb, p_trace text
) RETURNS TABLE (body text, version_now bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.password_confirmed_v1(
        p_account, p_verified_hash, NULL, p_identifier_scope, p_address_scope);
    v_old account.account := v_account;
    v_channel text := p_letter->>'channel';
    v_address text := p_letter->>'address';
    v_sends boolean;
BEGIN
    -- What is claimed already may be sent to again by `request_verification_v1`. A repetition of this
    -- very statement ends here too.
    v_sends := account.claim_v1(v_account, v_channel) IS DISTINCT FROM v_address;
    IF v_channel = 'email' THEN
        IF v_account.email_verified_at IS NULL THEN
            v_account.email := v_address;
        ELSE
            v_account.pending_email := nullif(v_address, v_account.email);
            v_sends := v_sends AND v_account.pending_email IS NOT NULL;
        END IF;
    ELSIF v_account.phone_verified_at IS NULL THEN
        v_account.phone := v_address;
    ELSE
        v_account.pending_phone := nullif(v_address, v_account.phone);
        v_sends := v_sends AND v_account.pending_phone IS NOT NULL;
    END IF;
    IF v_account IS DISTINCT FROM v_old THEN
        UPDATE account.account a
        SET email = v_account.email, pending_email = v_account.pending_email,
            phone = v_account.phone, pending_phone = v_account.pending_phone,
            version = a.version + 1, updated_at = shared.now()
        WHERE a.id = p_account RETURNING a.* INTO v_account;
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        VALUES (p_account, p_account, 'address_changed', jsonb_build_object('channel', v_channel));
    END IF;
    IF v_sends THEN
        PERFORM account.may_write_v1(p_account, v_channel);
        PERFORM account.send_letter_v1(p_account, v_account.version, v_account.locale, p_letter,
            NOT account.is_taken_v1(v_channel, v_address), p_trace);
    END IF;
    RETURN QUERY SELECT account.self_json_v1(v_account)::text, v_account.version;
END $$;
