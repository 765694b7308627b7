-- Where stock rows, ledger, reservations and pieces disagree; no row when all is well. One statement, so
-- that it sees one moment and may run while others sell.
--
-- variant, warehouse: the stock row that is meant; NULL where it is about an order
-- what:               which rule, and of which order
-- expected, found:    the number that the rule asks for, and the one that is there
CREATE OR REPLACE FUNCTION inventory.reconcile_v1()
RETURNS TABLE (variant uuid, warehouse uuid, what text, expected bigint, found bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH ledger AS (
        SELECT m.variant_id, m.warehouse_id,
               sum(m.on_hand_delta) AS on_hand, sum(m.reserved_delta) AS reserved
        FROM inventory.movement m GROUP BY m.variant_id, m.warehouse_id
    ), open AS (
        SELECT l.variant_id, l.warehouse_id, sum(l.quantity) AS reserved
        FROM inventory.reservation r JOIN inventory.reservation_line l ON l.order_id = r.order_id
        WHERE r.state = 'reserved' GROUP BY l.variant_id, l.warehouse_id
    ), piece AS (
        SELECT p.variant_id, p.warehouse_id, count(*) FILTER (WHERE p.state = 'available') AS available
        FROM inventory.serial p GROUP BY p.variant_id, p.warehouse_id
    ), counted AS (
        SELECT variant_id, warehouse_id, s.seller_id, s.active, s.serial_tracked, s.low_threshold,
               coalesce(s.on_hand, 0)::bigint AS on_hand, coalesce(s.reserved, 0)::bigint AS reserved,
               coalesce(g.on_hand, 0)::bigint AS ledger_on_hand,
               coalesce(g.reserved, 0)::bigint AS ledger_reserved,
               coalesce(o.reserved, 0)::bigint AS open_reserved,
               coalesce(p.available, 0)::bigint AS pieces
        FROM inventory.stock s
        FULL JOIN ledger g USING (variant_id, warehouse_id)
        FULL JOIN open o USING (variant_id, warehouse_id)
        FULL JOIN piece p USING (variant_id, warehouse_id)
    ), sold AS (
        SELECT p.order_id, p.variant_id, p.warehouse_id, count(*) AS pieces
        FROM inventory.serial p WHERE p.state = 'sold' GROUP BY p.order_id, p.variant_id, p.warehouse_id
    )
    SELECT c.variant_id, c.warehouse_id, d.what, d.expected, d.found
    FROM counted c
    LEFT JOIN inventory.warehouse w ON w.id = c.warehouse_id AND w.seller_id = c.seller_id
    LEFT JOIN inventory.item i ON i.variant_id = c.variant_id AND i.seller_id = c.seller_id
    CROSS JOIN LATERAL (VALUES
        ('on_hand against the ledger', c.ledger_on_hand, c.on_hand),
        ('reserved against the ledger', c.ledger_reserved, c.reserved),
        ('reserved against open reservations', c.open_reserved, c.reserved),
        ('on_hand against available pieces', CASE WHEN i.serial_tracked THEN c.pieces ELSE c.on_hand END, c.on_hand),
        ('stock rows in a warehouse of their seller', 1, (w.id IS NOT NULL)::integer),
        ('active against the warehouse', w.active::integer, c.active::integer),
        ('serial_tracked against the settings', coalesce(i.serial_tracked, false)::integer, c.serial_tracked::integer),
        ('low_threshold against the settings', coalesce(i.low_threshold, -1), coalesce(c.low_threshold, -1))
    ) AS d(what, expected, found)
    WHERE d.expected <> d.found
    UNION ALL
    -- A tombstone is a released one; all others took something.
    SELECT NULL, NULL, format('lines of order %s, which is %s', r.order_id, r.state), 1, 0
    FROM inventory.reservation r
    WHERE r.state <> 'released'
      AND NOT EXISTS (SELECT 1 FROM inventory.reservation_line l WHERE l.order_id = r.order_id)
    UNION ALL
    SELECT s.variant_id, s.warehouse_id, format('pieces sold to order %s, at most', s.order_id),
           coalesce(l.quantity, 0)::bigint, s.pieces
    FROM sold s
    LEFT JOIN inventory.reservation r ON r.order_id = s.order_id AND r.state = 'committed'
    LEFT JOIN inventory.reservation_line l ON l.order_id = r.order_id AND l.variant_id = s.variant_id
        AND l.warehouse_id = s.warehouse_id AND l.by_piece
    WHERE s.pieces > coalesce(l.quantity, 0)
    ORDER BY 1, 2, 3;
END $$;
