-- Sees to it that a placed order's units are sold. Nearly always they are already; where the
-- reservation has lapsed meanwhile, the units are taken again, and where they are gone the event
-- becomes a dead letter: a person has to talk to the buyer.
CREATE OR REPLACE FUNCTION inventory.sell_v1(p_order uuid, p_placed jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_row inventory.reservation;
    v_groups jsonb;
    v_outcome jsonb := '{}';
BEGIN
    IF p_order IS NULL THEN
        RAISE null_value_not_allowed USING MESSAGE = 'the event names no order';
    END IF;
    SELECT * INTO v_row FROM inventory.reservation r WHERE r.order_id = p_order;
    IF v_row.state IN ('committed', 'released', 'restocked') THEN
        RETURN;
    END IF;
    v_groups := jsonb_build_array(jsonb_build_object(
        'order_id', p_order, 'seller_id', p_placed->'seller_id', 'lines', p_placed->'lines'));
    SELECT * INTO v_row FROM inventory.reservation r WHERE r.order_id = p_order FOR UPDATE;
    IF NOT FOUND THEN
        v_outcome := inventory.reserve_v1((p_placed->>'checkout_id')::uuid, v_groups, 900)::jsonb;
    ELSIF v_row.state = 'expired' THEN
        DELETE FROM inventory.reservation_line l WHERE l.order_id = p_order;
        UPDATE inventory.reservation r
        SET state = 'reserved', reason = NULL, changed_at = shared.now(),
            expires_at = shared.now() + interval '15 minutes'
        WHERE r.order_id = p_order;
        v_outcome := inventory.take_v1(v_groups);
    END IF;
    IF v_outcome ? 'short' THEN
        RAISE check_violation USING MESSAGE =
            'order ' || p_order || ' was placed, and its stock is gone: ' || (v_outcome->>'short');
    END IF;
    -- Ended between the two reads, if it is not sold now: then there is nothing to sell.
    PERFORM inventory.commit_v1(ARRAY[p_order]);
END $$;
