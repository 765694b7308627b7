-- The ledger of a seller's variant, newest first. No row when the seller never had any of it.
CREATE OR REPLACE FUNCTION inventory.movements_page_v1(
    p_seller uuid, p_variant uuid, p_after bigint, p_limit integer
) RETURNS TABLE (items text, next_id bigint)
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM inventory.stock s
                   WHERE s.seller_id = p_seller AND s.variant_id = p_variant) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH page AS (
        SELECT m.*, row_number() OVER (ORDER BY m.id DESC) AS n
        FROM inventory.warehouse w
        CROSS JOIN LATERAL (
            SELECT * FROM inventory.movement x
            WHERE x.variant_id = p_variant AND x.warehouse_id = w.id
              AND x.id < coalesce(p_after, 9223372036854775807)
            ORDER BY x.id DESC
            LIMIT p_limit + 1) m
        WHERE w.seller_id = p_seller
        ORDER BY m.id DESC
        LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'sequence', p.id,
                   'kind', p.kind,
                   'warehouse_id', p.warehouse_id,
                   'on_hand_delta', p.on_hand_delta,
                   'reserved_delta', p.reserved_delta,
                   'order_id', p.order_id,
                   'actor_id', p.actor_id,
                   'reason', p.reason,
                   'at', shared.rfc3339(p.at))
               ORDER BY p.id DESC) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg(p.id ORDER BY p.id DESC))[p_limit] END
    FROM page p;
END $$;
