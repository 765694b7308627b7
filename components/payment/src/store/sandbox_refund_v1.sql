-- Gives back a part or all of a leg's payment, once for each key. Answers `done`, or why not: `unknown`,
-- `not_paid`, `too_much`.
CREATE OR REPLACE FUNCTION payment.sandbox_refund_v1(p_key uuid, p_leg uuid, p_amount bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    p payment.sandbox_payment;
BEGIN
    SELECT * INTO p FROM payment.sandbox_payment x WHERE x.leg_id = p_leg FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    ELSIF EXISTS (SELECT 1 FROM payment.sandbox_refund r WHERE r.key = p_key) THEN
        RETURN 'done';
    ELSIF p.state <> 'paid' THEN
        RETURN 'not_paid';
    ELSIF p_amount > p.taken - p.refunded THEN
        RETURN 'too_much';
    END IF;
    INSERT INTO payment.sandbox_refund (key, payment_id, amount, created_at)
    VALUES (p_key, p.id, p_amount, shared.now());
    UPDATE payment.sandbox_payment x SET refunded = x.refunded + p_amount, updated_at = shared.now()
    WHERE x.id = p.id;
    RETURN 'done';
END $$;
