-- Ends reservations that nobody committed in time, at most 200 at once, and does what every module
-- has to do.
CREATE OR REPLACE FUNCTION inventory.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_orders uuid[];
    v_row inventory.reservation;
BEGIN
    -- Who is just being committed or released is left alone, and looked at the next time.
    WITH due AS MATERIALIZED (
        SELECT r.order_id FROM inventory.reservation r
        WHERE r.state = 'reserved' AND r.expires_at <= v_now
        ORDER BY r.expires_at LIMIT 200
        FOR UPDATE SKIP LOCKED
    )
    SELECT array_agg(d.order_id ORDER BY d.order_id) INTO v_orders FROM due d;
    IF v_orders IS NOT NULL THEN
        UPDATE inventory.reservation r SET state = 'expired', changed_at = v_now
        WHERE r.order_id = ANY (v_orders);
        PERFORM inventory.settle_v1(v_orders, 'expire', NULL);
        FOR v_row IN
            SELECT * FROM inventory.reservation r WHERE r.order_id = ANY (v_orders) ORDER BY r.order_id
        LOOP
            -- A reservation lapses once at most: what is taken again is sold at once.
            PERFORM inventory.publish('inventory.reservation_expired', v_row.order_id, 1,
                jsonb_build_object('order_id', v_row.order_id, 'checkout_id', v_row.checkout_id));
        END LOOP;
    END IF;
    RETURN coalesce(cardinality(v_orders), 0) + inventory.tidy_common(500);
END $$;
