-- Moves pieces between two warehouses: those in `p_serials`, or the lowest `p_quantity` when it is empty.
-- Says which. Refusals point at the line `p_pointer`. The caller holds the stock and counts the units.
CREATE OR REPLACE FUNCTION inventory.transfer_pieces_v1(
    p_seller uuid, p_variant uuid, p_from uuid, p_to uuid, p_quantity integer, p_serials jsonb, p_pointer text
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_serials text[];
    v_moved integer;
BEGIN
    IF jsonb_array_length(p_serials) > 0 THEN
        v_serials := ARRAY(SELECT jsonb_array_elements_text(p_serials));
        PERFORM inventory.check_serials_v1(p_seller, p_variant, v_serials, p_pointer || '/serials');
        PERFORM inventory.refuse_pieces_v1(ARRAY(
            SELECT p FROM inventory.serial p
            WHERE p.variant_id = p_variant AND p.seller_id = p_seller AND p.serial = ANY (v_serials)
              AND (p.state <> 'available' OR p.warehouse_id <> p_from)));
    ELSE
        v_serials := ARRAY(
            SELECT p.serial FROM inventory.serial p
            WHERE p.variant_id = p_variant AND p.warehouse_id = p_from AND p.state = 'available'
            ORDER BY p.serial
            LIMIT p_quantity);
    END IF;
    UPDATE inventory.serial p
    SET warehouse_id = p_to, changed_at = shared.now()
    WHERE p.variant_id = p_variant AND p.seller_id = p_seller AND p.serial = ANY (v_serials);
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    IF v_moved <> p_quantity THEN
        RAISE check_violation USING MESSAGE = format(
            'warehouse %s has %s pieces of %s, not %s', p_from, v_moved, p_variant, p_quantity);
    END IF;
    RETURN (SELECT jsonb_agg(s ORDER BY s) FROM unnest(v_serials) s);
END $$;
