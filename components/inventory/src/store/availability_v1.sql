-- How many units of each variant each seller could sell now. Variants nobody stocks are left out.
CREATE OR REPLACE FUNCTION inventory.availability_v1(p_variants uuid[]) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
                   'variant_id', a.variant_id, 'seller_id', a.seller_id, 'available', a.available)
               ORDER BY a.variant_id, a.seller_id), '[]'))::text
        FROM (SELECT s.variant_id, s.seller_id,
                     coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.active), 0) AS available
              FROM inventory.stock s WHERE s.variant_id = ANY (p_variants)
              GROUP BY s.variant_id, s.seller_id) a);
END $$;
