-- Moves the reserved units of orders: `commit` sells them, `release` and `expire` give them back,
-- `return` puts sold ones on the shelf again. The caller holds the reservations' rows and changes
-- their states.
CREATE OR REPLACE FUNCTION inventory.settle_v1(p_orders uuid[], p_kind text, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_on_hand integer := CASE p_kind WHEN 'commit' THEN -1 WHEN 'return' THEN 1 ELSE 0 END;
    v_reserved integer := CASE p_kind WHEN 'return' THEN 0 ELSE -1 END;
    v_before jsonb;
    v_units integer;
    v_seller uuid;
    v_tracked boolean;
    t record;
BEGIN
    PERFORM inventory.lock_stock_v1(p_orders);
    -- Selling changes nothing for buyers: what was reserved was not available before.
    IF p_kind <> 'commit' THEN
        SELECT jsonb_agg(to_jsonb(x)) INTO v_before
        FROM (SELECT s.variant_id, s.seller_id,
                     coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.active), 0) AS before
              FROM (SELECT DISTINCT l.variant_id, r.seller_id
                    FROM inventory.reservation r JOIN inventory.reservation_line l ON l.order_id = r.order_id
                    WHERE r.order_id = ANY (p_orders)) l
              JOIN inventory.stock s ON s.variant_id = l.variant_id AND s.seller_id = l.seller_id
              GROUP BY s.variant_id, s.seller_id) x;
    END IF;
    FOR t IN
        SELECT l.* FROM inventory.reservation_line l
        WHERE l.order_id = ANY (p_orders)
        ORDER BY l.variant_id, l.warehouse_id, l.order_id
    LOOP
        v_units := t.quantity;
        IF t.by_piece AND p_kind = 'return' THEN
            -- Some may have come back by the seller's hand before.
            v_units := inventory.return_pieces_v1(t.order_id, t.variant_id, t.warehouse_id);
            CONTINUE WHEN v_units = 0;
        END IF;
        UPDATE inventory.stock s
        SET on_hand = s.on_hand + v_on_hand * v_units,
            reserved = s.reserved + v_reserved * v_units,
            version = s.version + 1, updated_at = v_now
        WHERE s.variant_id = t.variant_id AND s.warehouse_id = t.warehouse_id
        RETURNING s.seller_id, s.serial_tracked INTO v_seller, v_tracked;
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, order_id, reason, at)
        VALUES (t.variant_id, t.warehouse_id, p_kind, v_on_hand * v_units,
                v_reserved * v_units, t.order_id, p_reason, v_now);
        IF v_tracked AND p_kind = 'commit' THEN
            PERFORM inventory.sell_pieces_v1(t.order_id, t.variant_id, t.warehouse_id, t.quantity);
        ELSIF v_tracked AND p_kind = 'return' AND NOT t.by_piece THEN
            PERFORM inventory.number_pieces_v1(v_seller, t.variant_id, t.warehouse_id, t.quantity);
        END IF;
    END LOOP;
    IF v_before IS NOT NULL THEN
        PERFORM inventory.tell_v1(v_before, false, NULL);
    END IF;
END $$;
