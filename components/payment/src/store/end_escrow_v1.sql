-- An order has ended without its goods: what is left of its money goes back. Of one that was not heard of
-- before a tombstone stays, so that an `order.placed` that comes later makes nothing of it.
CREATE OR REPLACE FUNCTION payment.end_escrow_v1(p_data jsonb, p_reason text, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_order uuid := (p_data->>'order_id')::uuid;
    e payment.escrow;
BEGIN
    INSERT INTO payment.escrow
        (order_id, buyer_id, seller_id, currency, goods, shipping, subsidy, commission, provider, state, updated_at)
    VALUES (v_order, (p_data->>'buyer_id')::uuid, (p_data->>'seller_id')::uuid, 'XXX', 0, 0, 0, 0,
            'none', 'void', v_now)
    ON CONFLICT (order_id) DO NOTHING;
    e := payment.hold_escrow_v1(v_order);
    IF e.state = 'expected' THEN
        UPDATE payment.escrow x SET state = 'void', version = x.version + 1, updated_at = v_now
        WHERE x.order_id = v_order;
    ELSIF e.state = 'held' THEN
        PERFORM payment.refund_escrow_v1(
            e, 'order:' || v_order || ':cancelled', e.goods + e.shipping - e.refunded, 'original', p_reason,
            NULL, p_trace);
    ELSIF e.state = 'released' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'order ' || v_order || ' was paid out: it cannot be cancelled';
    END IF;
END $$;
