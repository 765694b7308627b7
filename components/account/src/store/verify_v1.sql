-- Takes the secret that was sent to an address: the address is the account's from now on. Either the
-- hash of a token, or the account, the channel and a code. False when it is not good, for whatever
-- reason: among them that another account has verified the address before, which nobody may learn.
--
-- What takes the place of a verified one is told there: at `p_told`, `{"channel", "sealed"}`, which is what
-- `replaced_address_v1` found; see `tell_access_v1`.
--
-- It is no refusal, because a wrong code has to be counted. `p_use` names the request.
CREATE OR REPLACE FUNCTION account.verify_v1(
    p_token_hash bytea, p_account uuid, p_channel text, p_code text, p_use uuid, p_told jsonb, p_trace text
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid;
    v_owner uuid;
    v_sent account.verification;
    v_account account.account;
    v_replaces boolean;
BEGIN
    IF p_token_hash IS NOT NULL THEN
        SELECT v.id, v.account_id INTO v_id, v_owner FROM account.verification v
        WHERE v.token_hash = p_token_hash AND v.purpose = 'verify';
    ELSE
        SELECT v.id, v.account_id INTO v_id, v_owner FROM account.verification v
        WHERE v.account_id = p_account AND v.purpose = 'verify' AND v.channel = p_channel
          AND v.code_hash IS NOT NULL
        ORDER BY v.id DESC LIMIT 1;
    END IF;
    -- The account before what belongs to it, as everywhere.
    SELECT * INTO v_account FROM account.account a WHERE a.id = v_owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO v_sent FROM account.verification v WHERE v.id = v_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF v_sent.used_by IS NOT NULL THEN
        RETURN v_sent.used_by = p_use;
    ELSIF v_sent.expires_at <= shared.real_now() OR v_sent.tries >= 5
          OR account.claim_v1(v_account, v_sent.channel) IS DISTINCT FROM v_sent.address THEN
        RETURN false;
    ELSIF v_sent.code_hash IS NOT NULL
          AND v_sent.code_hash <> sha256(v_sent.pepper || convert_to(p_code, 'UTF8')) THEN
        UPDATE account.verification v SET tries = v.tries + 1 WHERE v.id = v_id;
        RETURN false;
    END IF;

    BEGIN
        IF v_sent.channel = 'email' THEN
            v_replaces := v_account.email_verified_at IS NOT NULL;
            UPDATE account.account a
            SET email = v_sent.address, email_verified_at = shared.now(), pending_email = NULL,
                version = a.version + 1, updated_at = shared.now()
            WHERE a.id = v_owner RETURNING a.* INTO v_account;
        ELSE
            v_replaces := v_account.phone_verified_at IS NOT NULL;
            UPDATE account.account a
            SET phone = v_sent.address, phone_verified_at = shared.now(), pending_phone = NULL,
                version = a.version + 1, updated_at = shared.now()
            WHERE a.id = v_owner RETURNING a.* INTO v_account;
        END IF;
    EXCEPTION WHEN unique_violation THEN
        PERFORM account.drop_claim_v1(v_owner, v_sent.channel);
        DELETE FROM account.verification v WHERE v.id = v_id;
        RETURN false;
    END;
    UPDATE account.verification v SET used_by = p_use WHERE v.id = v_id;
    DELETE FROM account.verification v
    WHERE v.account_id = v_owner AND v.purpose = 'verify' AND v.channel = v_sent.channel
      AND v.id <> v_id;
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (v_owner, v_owner, 'address_verified',
            jsonb_build_object('channel', v_sent.channel, 'replaces', v_replaces));
    PERFORM account.publish('account.verified', v_owner, v_account.version,
        jsonb_build_object('account_id', v_owner, 'channel', v_sent.channel), p_trace);
    IF v_replaces THEN
        PERFORM account.tell_access_v1(v_account, v_sent.channel || '_changed', NULL, p_told, p_trace);
    END IF;
    RETURN true;
END $$;
