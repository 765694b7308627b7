-- Takes money out of a wallet for a bank account, the default of the currency where none is named: it goes to
-- `pending_withdrawal`, and the workflow `withdrawal` waits for what staff decide. `p_scheduled_on`: the day of
-- the schedule that asks. Refuses with `identity_unchecked` (`identity_status`), `bank_account_missing`,
-- `withdrawal_minimum` (`minimum`), `withdrawal_open` and `insufficient_funds` (`available`).
CREATE OR REPLACE FUNCTION payment.request_withdrawal_v1(
    p_id uuid, p_account uuid, p_trace text, p_bank_account uuid, p_amount bigint, p_currency text,
    p_scheduled_on date
) RETURNS payment.withdrawal
LANGUAGE plpgsql AS $$
DECLARE
    v_identity uuid;
    v_minimum bigint;
    v_bank uuid;
    w payment.withdrawal;
BEGIN
    -- Held, so that it is not rejected meanwhile.
    SELECT i.id INTO v_identity FROM payment.payout_identity i
    WHERE i.account_id = p_account AND i.state = 'approved'
    FOR SHARE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('identity_unchecked', jsonb_build_object('identity_status', coalesce((
            SELECT i.state FROM payment.payout_identity i WHERE i.account_id = p_account
            ORDER BY i.submitted_at DESC, i.id DESC LIMIT 1), 'missing')));
    END IF;
    -- Held, so that it is not deleted meanwhile.
    SELECT b.id INTO v_bank FROM payment.bank_account b
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
        (id, account_id, bank_account_id, identity_id, currency, amount, state, requested_at, scheduled_on)
    VALUES (p_id, p_account, v_bank, v_identity, p_currency, p_amount, 'requested', shared.now(), p_scheduled_on)
    ON CONFLICT (account_id, currency) WHERE state IN ('requested', 'approved') DO NOTHING
    RETURNING x.* INTO w;
    IF w.id IS NULL THEN
        PERFORM shared.refuse('withdrawal_open');
    END IF;
    PERFORM payment.move_withdrawal_v1(w, 'requested');
    PERFORM payment.tell_withdrawal_v1(w, p_trace);
    PERFORM payment.workflow_start(
        w.id, 'withdrawal', 1, p_account, jsonb_build_object('withdrawal_id', w.id), p_trace, 0);
    RETURN w;
END $$;
