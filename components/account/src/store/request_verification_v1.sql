-- Sends a letter to the address that an account wants to verify.
CREATE OR REPLACE FUNCTION account.request_verification_v1(
    p_account uuid, p_letter jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
    v_channel text := p_letter->>'channel';
    v_address text := p_letter->>'address';
BEGIN
    SELECT * INTO v_account FROM account.account a WHERE a.id = p_account FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM account.verification v WHERE v.id = (p_letter->>'id')::uuid) THEN
        RETURN;
    ELSIF account.claim_v1(v_account, v_channel) IS DISTINCT FROM v_address THEN
        PERFORM shared.refuse('nothing_to_verify');
    END IF;
    PERFORM account.may_write_v1(p_account, v_channel);
    PERFORM account.send_letter_v1(p_account, v_account.version, v_account.locale, p_letter,
        NOT account.is_taken_v1(v_channel, v_address), p_trace);
END $$;
