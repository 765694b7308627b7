-- Sees to it that the units of an order that will not be served are on the shelf.
CREATE OR REPLACE FUNCTION inventory.take_back_v1(p_order uuid, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_order IS NULL THEN
        RAISE null_value_not_allowed USING MESSAGE = 'the event names no order';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM inventory.reservation r
                   WHERE r.order_id = p_order AND r.state IN ('released', 'restocked')) THEN
        PERFORM inventory.restock_v1(ARRAY[p_order], p_reason);
    END IF;
END $$;
