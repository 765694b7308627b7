-- Where stock rows, ledger and reservations disagree; no row when all is well. One statement, so
-- that it sees one moment and may run while others sell.
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
    ), compared AS (
        SELECT variant_id, warehouse_id,
               coalesce(s.on_hand, 0)::bigint AS on_hand, coalesce(s.reserved, 0)::bigint AS reserved,
               coalesce(g.on_hand, 0)::bigint AS ledger_on_hand,
               coalesce(g.reserved, 0)::bigint AS ledger_reserved,
               coalesce(o.reserved, 0)::bigint AS open_reserved
        FROM inventory.stock s
        FULL JOIN ledger g USING (variant_id, warehouse_id)
        FULL JOIN open o USING (variant_id, warehouse_id)
    )
    SELECT c.variant_id, c.warehouse_id, d.what, d.expected, d.found
    FROM compared c
    CROSS JOIN LATERAL (VALUES
        ('on_hand against the ledger', c.ledger_on_hand, c.on_hand),
        ('reserved against the ledger', c.ledger_reserved, c.reserved),
        ('reserved against open reservations', c.open_reserved, c.reserved)
    ) AS d(what, expected, found)
    WHERE d.expected <> d.found
    ORDER BY c.variant_id, c.warehouse_id, d.what;
END $$;
