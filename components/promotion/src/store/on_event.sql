-- Consumes what `order` says of its checkouts. An order is what makes uses final.
CREATE OR REPLACE FUNCTION promotion.on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := p_event->>'kind';
    v_data jsonb := p_event->'data';
    v_checkout uuid := (v_data->>'checkout_id')::uuid;
BEGIN
    IF v_kind = 'order.placed' THEN
        PERFORM promotion.placed_v1(v_checkout, (v_data->>'buyer_id')::uuid);
    ELSIF v_kind IN ('checkout.cancelled', 'checkout.expired') THEN
        PERFORM promotion.release_v1(v_checkout);
    ELSE
        RAISE feature_not_supported USING MESSAGE = 'promotion does not consume ' || coalesce(v_kind, 'this');
    END IF;
END $$;
