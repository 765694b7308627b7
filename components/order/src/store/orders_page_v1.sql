-- The orders of a buyer, or the sales of a seller, newest first; `p_status` NULL for all.
CREATE OR REPLACE FUNCTION "order".orders_page_v1(
    p_side text, p_account uuid, p_status text, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_after uuid := coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid);
    v_ids uuid[];
BEGIN
    -- A query for each index: one for all would use none of them well.
    IF p_side = 'buyer' AND p_status IS NULL THEN
        v_ids := ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.buyer_id = p_account AND o.id < v_after
            ORDER BY o.id DESC LIMIT p_limit + 1);
    ELSIF p_side = 'buyer' THEN
        v_ids := ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.buyer_id = p_account AND o.status = p_status AND o.id < v_after
            ORDER BY o.id DESC LIMIT p_limit + 1);
    ELSIF p_status IS NULL THEN
        v_ids := ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.seller_id = p_account AND o.id < v_after
            ORDER BY o.id DESC LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.seller_id = p_account AND o.status = p_status AND o.id < v_after
            ORDER BY o.id DESC LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'id', o.id,
                    'checkout_id', o.checkout_id,
                    'buyer_id', o.buyer_id,
                    'seller_id', o.seller_id,
                    'status', o.status,
                    'total', shared.money(o.total, o.currency),
                    'first_line', l.name,
                    'line_count', l.line_count,
                    'version', o.version,
                    'placed_at', shared.rfc3339(o.placed_at),
                    'confirm_by', shared.rfc3339(o.confirm_by))
                ORDER BY o.id DESC), '[]')::text
         FROM "order"."order" o
         CROSS JOIN LATERAL (
             SELECT min(x.name) FILTER (WHERE x.position = 1) AS name, count(*) AS line_count
             FROM "order".line x WHERE x.order_id = o.id) l
         WHERE o.id = ANY (v_ids[:p_limit])),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
