-- Sends a secret to an address, by an event. `p_letter` is
-- `{"id", "purpose", "channel", "address", "token" or "code" and "pepper" (hashes, hexadecimal), "sealed"}`.
--
-- Nothing is sent when it is not wanted, because the address is somebody else's or nobody's, or when
-- the address has had enough. All the same as much is written: neither the answer nor its time may
-- tell whether an address is known.
CREATE OR REPLACE FUNCTION account.send_letter_v1(
    p_account uuid, p_version bigint, p_locale text, p_letter jsonb, p_wanted boolean, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_purpose text := p_letter->>'purpose';
    v_channel text := p_letter->>'channel';
    v_address text := p_letter->>'address';
    -- Whoever is not there has an id too, which nobody will ever have.
    v_subject uuid := coalesce(p_account, gen_random_uuid());
    v_counted integer := account.count_sending_v1(v_purpose || ' ' || v_address);
    v_sent boolean := p_wanted AND p_account IS NOT NULL AND v_counted = 0;
    v_now timestamp := shared.real_now();
    v_expires timestamp := v_now + CASE
        WHEN v_purpose = 'reset' THEN interval '1 hour'
        WHEN p_letter->>'code' IS NOT NULL THEN interval '15 minutes'
        ELSE interval '24 hours' END;
BEGIN
    -- Of codes only the newest is good: each more would be five more guesses.
    DELETE FROM account.verification v
    WHERE v_sent AND p_letter->>'code' IS NOT NULL
      AND v.account_id = p_account AND v.purpose = v_purpose AND v.channel = v_channel
      AND v.code_hash IS NOT NULL;
    INSERT INTO account.verification (
        id, account_id, purpose, channel, address, token_hash, code_hash, pepper,
        created_at, expires_at)
    VALUES (
        (p_letter->>'id')::uuid, CASE WHEN v_sent THEN p_account END, v_purpose, v_channel, v_address,
        decode(p_letter->>'token', 'hex'), decode(p_letter->>'code', 'hex'),
        decode(p_letter->>'pepper', 'hex'), v_now, v_expires);
    PERFORM account.publish('account.verification_requested', v_subject, coalesce(p_version, 1),
        jsonb_strip_nulls(jsonb_build_object(
            'account_id', v_subject, 'channel', v_channel, 'purpose', v_purpose,
            'locale', coalesce(p_locale, 'en'),
            'sealed', CASE WHEN v_sent THEN p_letter->>'sealed' END,
            'expires_at', shared.rfc3339(v_expires))),
        p_trace);
END $$;
