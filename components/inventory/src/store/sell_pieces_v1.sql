-- Gives an order the lowest pieces of a warehouse for one of its lines. The caller holds the stock.
CREATE OR REPLACE FUNCTION inventory.sell_pieces_v1(
    p_order uuid, p_variant uuid, p_warehouse uuid, p_quantity integer
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_sold integer;
BEGIN
    UPDATE inventory.serial p
    SET state = 'sold', order_id = p_order, changed_at = shared.now()
    WHERE p.ctid = ANY (ARRAY(
        SELECT x.ctid FROM inventory.serial x
        WHERE x.variant_id = p_variant AND x.warehouse_id = p_warehouse AND x.state = 'available'
        ORDER BY x.serial
        LIMIT p_quantity));
    GET DIAGNOSTICS v_sold = ROW_COUNT;
    IF v_sold <> p_quantity THEN
        RAISE check_violation USING MESSAGE = format(
            'warehouse %s has %s pieces of %s for the %s that order %s reserved',
            p_warehouse, v_sold, p_variant, p_quantity, p_order);
    END IF;
    UPDATE inventory.reservation_line l SET by_piece = true
    WHERE l.order_id = p_order AND l.variant_id = p_variant AND l.warehouse_id = p_warehouse;
END $$;
