-- The buyer has all of a refund, whose row the caller holds.
CREATE OR REPLACE FUNCTION payment.end_refund_v1(p_refund uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r payment.refund;
BEGIN
    UPDATE payment.refund x SET state = 'done', done_at = shared.now()
    WHERE x.id = p_refund AND x.state = 'pending'
    RETURNING x.* INTO r;
    IF r.id IS NOT NULL THEN
        PERFORM payment.publish('payment.refunded', r.id, 1, jsonb_build_object(
            'refund_id', r.id, 'session_id', r.session_id, 'order_id', r.order_id, 'payer_id', r.payer_id,
            'amount', shared.money(r.amount, r.currency)));
    END IF;
END $$;
