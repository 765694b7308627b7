-- Adds units to a seller's stock of a variant in a warehouse, whose row is made when there is none. The
-- caller holds the seller's lock and the stock, and writes the movement.
CREATE OR REPLACE FUNCTION inventory.add_stock_v1(
    p_warehouse inventory.warehouse, p_variant uuid, p_units integer
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_item inventory.item;
    v_on_hand integer;
BEGIN
    SELECT * INTO v_item FROM inventory.item i
    WHERE i.variant_id = p_variant AND i.seller_id = p_warehouse.seller_id;
    -- The constraints look at the new row before the conflict with the old one is seen.
    INSERT INTO inventory.stock AS s
        (variant_id, warehouse_id, seller_id, active, serial_tracked, low_threshold, on_hand, updated_at)
    VALUES (p_variant, p_warehouse.id, p_warehouse.seller_id, p_warehouse.active,
            coalesce(v_item.serial_tracked, false), v_item.low_threshold, greatest(p_units, 0), v_now)
    ON CONFLICT (variant_id, warehouse_id) DO UPDATE
        SET on_hand = s.on_hand + p_units, version = s.version + 1, updated_at = v_now
    RETURNING s.on_hand INTO v_on_hand;
    IF v_on_hand > 1000000000 THEN
        PERFORM shared.refuse('stock_limit', jsonb_build_object('variant_id', p_variant));
    END IF;
END $$;
