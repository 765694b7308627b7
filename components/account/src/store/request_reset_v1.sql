-- Sends a letter by which a password can be reset. Without an account as much is written, and nothing is
-- sent.
CREATE OR REPLACE FUNCTION account.request_reset_v1(p_account uuid, p_letter jsonb, p_trace text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
BEGIN
    SELECT * INTO v_account FROM account.account a WHERE a.id = p_account;
    IF NOT EXISTS (SELECT FROM account.verification v WHERE v.id = (p_letter->>'id')::uuid) THEN
        PERFORM account.send_letter_v1(v_account.id, v_account.version, v_account.locale, p_letter,
            true, p_trace);
    END IF;
END $$;
