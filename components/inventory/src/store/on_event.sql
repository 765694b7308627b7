-- Consumes what `order` says of its orders: the net under its own calls.
CREATE OR REPLACE FUNCTION inventory.on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := p_event->>'kind';
    v_data jsonb := p_event->'data';
BEGIN
    IF v_kind = 'order.placed' THEN
        PERFORM inventory.sell_v1((v_data->>'order_id')::uuid, v_data);
    ELSIF v_kind IN ('order.declined', 'order.cancelled') THEN
        PERFORM inventory.take_back_v1(
            (v_data->>'order_id')::uuid, coalesce(v_data->>'reason', v_kind));
    ELSE
        RAISE feature_not_supported USING MESSAGE = 'inventory does not consume ' || coalesce(v_kind, 'this');
    END IF;
END $$;
