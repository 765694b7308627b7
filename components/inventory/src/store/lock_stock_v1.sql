-- Locks what the lines of orders were taken from, in the one order in which stock is ever locked:
-- all warehouses of their sellers, so that sums over them hold until the end.
CREATE OR REPLACE FUNCTION inventory.lock_stock_v1(p_orders uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_variants uuid[];
    v_sellers uuid[];
BEGIN
    SELECT array_agg(DISTINCT l.variant_id), array_agg(DISTINCT r.seller_id)
    INTO v_variants, v_sellers
    FROM inventory.reservation r JOIN inventory.reservation_line l ON l.order_id = r.order_id
    WHERE r.order_id = ANY (p_orders);
    PERFORM 1 FROM inventory.stock s
    WHERE s.variant_id = ANY (v_variants) AND s.seller_id = ANY (v_sellers)
    ORDER BY s.variant_id, s.warehouse_id
    FOR UPDATE;
END $$;
