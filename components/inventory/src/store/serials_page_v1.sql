-- A seller's pieces of a variant by serial number: all, those in a state, or those of an order. No row
-- when the seller never had any of it.
CREATE OR REPLACE FUNCTION inventory.serials_page_v1(
    p_seller uuid, p_variant uuid, p_state text, p_order uuid, p_after text, p_limit integer
) RETURNS TABLE (items text, next_serial text)
LANGUAGE plpgsql AS $$
DECLARE
    v_serials text[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM inventory.stock s
                   WHERE s.seller_id = p_seller AND s.variant_id = p_variant) THEN
        RETURN;
    END IF;
    -- Each by the index that has its order.
    IF p_order IS NOT NULL THEN
        v_serials := ARRAY(
            SELECT p.serial FROM inventory.serial p
            WHERE p.order_id = p_order AND p.variant_id = p_variant AND p.seller_id = p_seller
              AND p.state = coalesce(p_state, p.state) AND p.serial > coalesce(p_after, '')
            ORDER BY p.serial
            LIMIT p_limit + 1);
    ELSIF p_state IS NOT NULL THEN
        v_serials := ARRAY(
            SELECT p.serial FROM inventory.serial p
            WHERE p.variant_id = p_variant AND p.seller_id = p_seller
              AND p.state = p_state AND p.serial > coalesce(p_after, '')
            ORDER BY p.serial
            LIMIT p_limit + 1);
    ELSE
        v_serials := ARRAY(
            SELECT p.serial FROM inventory.serial p
            WHERE p.variant_id = p_variant AND p.seller_id = p_seller AND p.serial > coalesce(p_after, '')
            ORDER BY p.serial
            LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(inventory.piece_json_v1(p) ORDER BY p.serial), '[]')::text
         FROM inventory.serial p
         WHERE p.variant_id = p_variant AND p.seller_id = p_seller AND p.serial = ANY (v_serials[:p_limit])),
        CASE WHEN cardinality(v_serials) > p_limit THEN v_serials[p_limit] END;
END $$;
