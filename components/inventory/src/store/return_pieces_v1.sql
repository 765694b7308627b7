-- Puts the pieces that an order got for one of its lines back on the shelf, and says how many they
-- were. The caller holds the stock.
CREATE OR REPLACE FUNCTION inventory.return_pieces_v1(p_order uuid, p_variant uuid, p_warehouse uuid)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_back integer;
BEGIN
    UPDATE inventory.serial p
    SET state = 'available', order_id = NULL, changed_at = shared.now()
    WHERE p.order_id = p_order AND p.variant_id = p_variant AND p.warehouse_id = p_warehouse
      AND p.state = 'sold';
    GET DIAGNOSTICS v_back = ROW_COUNT;
    RETURN v_back;
END $$;
