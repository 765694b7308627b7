-- Lets a payment go: it cannot be paid any more. What was paid stays paid, unless the amount was wrong:
-- such money goes back. One that was never made is noted as cancelled, so that it cannot be made any more.
-- Answers the state.
CREATE OR REPLACE FUNCTION payment.sandbox_cancel_v1(
    p_id uuid, p_leg uuid, p_amount bigint, p_currency text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_state text;
    p payment.sandbox_payment;
BEGIN
    INSERT INTO payment.sandbox_payment (id, leg_id, amount, currency, state, created_at, updated_at)
    VALUES (p_id, p_leg, p_amount, p_currency, 'cancelled', v_now, v_now)
    ON CONFLICT (leg_id) DO NOTHING;
    IF FOUND THEN
        RETURN 'cancelled';
    END IF;
    SELECT * INTO STRICT p FROM payment.sandbox_payment x WHERE x.leg_id = p_leg FOR UPDATE;
    IF p.state = 'paid' AND p.taken <> p.amount AND p.refunded = 0 THEN
        INSERT INTO payment.sandbox_refund (key, payment_id, amount, created_at)
        VALUES (p.id, p.id, p.taken, v_now);
        UPDATE payment.sandbox_payment x
        SET state = 'cancelled', refunded = x.taken, updated_at = v_now
        WHERE x.id = p.id
        RETURNING x.state INTO v_state;
        RETURN v_state;
    ELSIF p.state = 'open' THEN
        UPDATE payment.sandbox_payment x SET state = 'cancelled', updated_at = v_now
        WHERE x.id = p.id
        RETURNING x.state INTO v_state;
        RETURN v_state;
    END IF;
    RETURN p.state;
END $$;
