-- How many units of variants their sellers could sell now: the first variant at the first seller, and
-- so on. Shelves that never had stock are left out.
CREATE OR REPLACE FUNCTION inventory.look_v1(p_variants uuid[], p_sellers uuid[])
RETURNS TABLE (variant uuid, seller uuid, available bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT s.variant_id, s.seller_id,
           coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.active), 0)::bigint
    FROM (SELECT DISTINCT * FROM unnest(p_variants, p_sellers) AS x(variant_id, seller_id)) x
    JOIN inventory.stock s ON s.variant_id = x.variant_id AND s.seller_id = x.seller_id
    GROUP BY s.variant_id, s.seller_id;
END $$;
