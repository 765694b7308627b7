-- Locks all that a seller has of variants, in the one order in which stock is ever locked, and says
-- how much of each buyers could get: `[{"variant_id", "seller_id", "before"}]`, for `tell_v1`.
CREATE OR REPLACE FUNCTION inventory.hold_stock_v1(p_seller uuid, p_variants uuid[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        WITH held AS MATERIALIZED (
            SELECT s.variant_id, CASE WHEN s.active THEN s.on_hand - s.reserved ELSE 0 END AS available
            FROM inventory.stock s
            WHERE s.seller_id = p_seller AND s.variant_id = ANY (p_variants)
            ORDER BY s.variant_id, s.warehouse_id
            FOR UPDATE
        ), summed AS (
            SELECT v.id, coalesce(sum(h.available), 0) AS available
            FROM (SELECT DISTINCT v AS id FROM unnest(p_variants) v) v
            LEFT JOIN held h ON h.variant_id = v.id
            GROUP BY v.id
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'variant_id', s.id, 'seller_id', p_seller, 'before', s.available)), '[]')
        FROM summed s);
END $$;
