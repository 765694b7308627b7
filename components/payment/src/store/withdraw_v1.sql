-- Asks for a withdrawal to a bank account of the caller's, the default of the currency where none is
-- named: the money leaves the wallet for `pending_withdrawal`, and the workflow `withdrawal` waits for
-- what staff decide. Refuses with `bank_account_missing`, `withdrawal_minimum` (`minimum`),
-- `withdrawal_open` and `insufficient_funds` (`available`).
CREATE OR REPLACE FUNCTION payment.withdraw_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_bank_account uuid, p_amount bigint, p_currency text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb := payment.idempotency_begin(p_account, p_key, p_hash, p_reference);
    v_minimum bigint;
    v_bank payment.bank_account;
    w payment.withdrawal;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    -- Held, so that it is not deleted meanwhile.
    SELECT * INTO v_bank FROM payment.bank_account b
    WHERE b.account_id = p_account AND b.deleted_at IS NULL AND b.currency = p_currency::char(3)
      AND CASE WHEN p_bank_account IS NULL THEN b.is_default ELSE b.id = p_bank_account END
    FOR SHARE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('bank_account_missing');
    END IF;
    SELECT m.amount INTO v_minimum FROM payment.withdrawal_minimum m WHERE m.currency = p_currency::char(3);
    IF p_amount < v_minimum THEN
        PERFORM shared.refuse('withdrawal_minimum', jsonb_build_object(
            'minimum', shared.money(v_minimum, p_currency)));
    END IF;
    INSERT INTO payment.withdrawal AS x
        (id, account_id, bank_account_id, currency, amount, state, requested_at)
    VALUES (p_reference, p_account, v_bank.id, p_currency, p_amount, 'requested', shared.now())
    ON CONFLICT (account_id, currency) WHERE state IN ('requested', 'approved') DO NOTHING
    RETURNING x.* INTO w;
    IF w.id IS NULL THEN
        PERFORM shared.refuse('withdrawal_open');
    END IF;
    PERFORM payment.move_withdrawal_v1(w, 'requested');
    PERFORM payment.tell_withdrawal_v1(w, p_trace);
    PERFORM payment.workflow_start(
        w.id, 'withdrawal', 1, p_account, jsonb_build_object('withdrawal_id', w.id), p_trace, 0);
    v_body := payment.withdrawal_json_v1(w, false)::text;
    PERFORM payment.idempotency_end(p_account, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
