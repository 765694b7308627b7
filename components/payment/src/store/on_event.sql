-- Consumes what `order` says of its orders: their money follows; and that an account is gone, or suspended and
-- back. Each of these may come twice.
CREATE OR REPLACE FUNCTION payment.on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := p_event->>'kind';
    v_data jsonb := p_event->'data';
    v_trace text := p_event->>'traceparent';
    e payment.escrow;
BEGIN
    IF v_kind = 'account.erased' THEN
        PERFORM payment.account_erased_v1((v_data->>'account_id')::uuid);
    ELSIF v_kind IN ('account.suspended', 'account.reinstated') THEN
        PERFORM payment.account_suspended_v1(
            (v_data->>'account_id')::uuid, v_kind = 'account.suspended', (p_event->>'sequence')::bigint);
    ELSIF v_kind = 'order.placed' THEN
        PERFORM payment.expect_cash_v1(v_data);
    ELSIF v_kind = 'order.delivered' THEN
        SELECT * INTO e FROM payment.escrow x WHERE x.order_id = (v_data->>'order_id')::uuid FOR UPDATE;
        IF NOT FOUND THEN
            RAISE invalid_parameter_value USING MESSAGE = 'there is no escrow of order ' || (v_data->>'order_id');
        ELSIF e.state = 'expected' THEN
            PERFORM payment.collect_v1(e);
        END IF;
    ELSIF v_kind = 'order.completed' THEN
        PERFORM payment.release_v1((v_data->>'order_id')::uuid, v_trace);
    ELSIF v_kind IN ('order.declined', 'order.cancelled') THEN
        PERFORM payment.end_escrow_v1(v_data, coalesce(v_data->>'reason', v_kind), v_trace);
    ELSE
        RAISE feature_not_supported USING MESSAGE = 'payment does not consume ' || coalesce(v_kind, 'this');
    END IF;
END $$;
