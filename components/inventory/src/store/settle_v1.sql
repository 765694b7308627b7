-- Moves the reserved units of orders: `commit` sells them, `release` and `expire` give them back,
-- `return` puts sold ones on the shelf again. The caller holds the reservations' rows and changes
-- their states.
CREATE OR REPLACE FUNCTION inventory.settle_v1(p_orders uuid[], p_kind text, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_on_hand integer := CASE p_kind WHEN 'commit' THEN -1 WHEN 'return' THEN 1 ELSE 0 END;
    v_reserved integer := CASE p_kind WHEN 'return' THEN 0 ELSE -1 END;
    v_available bigint;
    t record;
BEGIN
    PERFORM inventory.lock_stock_v1(p_orders);
    FOR t IN
        SELECT l.* FROM inventory.reservation_line l
        WHERE l.order_id = ANY (p_orders)
        ORDER BY l.variant_id, l.warehouse_id, l.order_id
    LOOP
        UPDATE inventory.stock s
        SET on_hand = s.on_hand + v_on_hand * t.quantity,
            reserved = s.reserved + v_reserved * t.quantity,
            version = s.version + 1, updated_at = v_now
        WHERE s.variant_id = t.variant_id AND s.warehouse_id = t.warehouse_id;
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, order_id, reason, at)
        VALUES (t.variant_id, t.warehouse_id, p_kind, v_on_hand * t.quantity,
                v_reserved * t.quantity, t.order_id, p_reason, v_now);
    END LOOP;

    -- Selling changes nothing for buyers: what was reserved was not available before.
    IF p_kind <> 'commit' THEN
        FOR t IN
            SELECT l.variant_id, r.seller_id, sum(l.quantity) AS given
            FROM inventory.reservation r JOIN inventory.reservation_line l ON l.order_id = r.order_id
            WHERE r.order_id = ANY (p_orders)
            GROUP BY l.variant_id, r.seller_id
            ORDER BY l.variant_id, r.seller_id
        LOOP
            SELECT sum(s.on_hand - s.reserved) INTO v_available FROM inventory.stock s
            WHERE s.variant_id = t.variant_id AND s.seller_id = t.seller_id;
            IF v_available = t.given THEN
                PERFORM inventory.tell_v1(t.variant_id, t.seller_id, NULL);
            END IF;
        END LOOP;
    END IF;
END $$;
