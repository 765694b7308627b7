-- Somebody asks for a withdrawal; refuses as `request_withdrawal_v1`.
CREATE OR REPLACE FUNCTION payment.withdraw_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_bank_account uuid, p_amount bigint, p_currency text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb := payment.idempotency_begin(p_account, p_key, p_hash, p_reference);
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    v_body := payment.withdrawal_json_v1(payment.request_withdrawal_v1(
        p_reference, p_account, p_trace, p_bank_account, p_amount, p_currency, NULL), false)::text;
    PERFORM payment.idempotency_end(p_account, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
