-- Ids of somebody's next orders, newest first: placed before the position (`p_before_at`,
-- `p_before_id`) and not before `p_from`. Constant cost: each reads its index from the position on.
CREATE OR REPLACE FUNCTION "order".orders_by_time_v1(
    p_side text, p_account uuid, p_status text, p_from timestamp,
    p_before_at timestamp, p_before_id uuid, p_limit integer
) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- A query for each index: one for all would use none of them well.
    IF p_side = 'buyer' AND p_status IS NULL THEN
        RETURN ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.buyer_id = p_account
              AND (o.placed_at, o.id) < (p_before_at, p_before_id) AND o.placed_at >= p_from
            ORDER BY o.placed_at DESC, o.id DESC LIMIT p_limit);
    ELSIF p_side = 'buyer' THEN
        RETURN ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.buyer_id = p_account AND o.status = p_status
              AND (o.placed_at, o.id) < (p_before_at, p_before_id) AND o.placed_at >= p_from
            ORDER BY o.placed_at DESC, o.id DESC LIMIT p_limit);
    ELSIF p_status IS NULL THEN
        RETURN ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.seller_id = p_account
              AND (o.placed_at, o.id) < (p_before_at, p_before_id) AND o.placed_at >= p_from
            ORDER BY o.placed_at DESC, o.id DESC LIMIT p_limit);
    ELSE
        RETURN ARRAY(SELECT o.id FROM "order"."order" o
            WHERE o.seller_id = p_account AND o.status = p_status
              AND (o.placed_at, o.id) < (p_before_at, p_before_id) AND o.placed_at >= p_from
            ORDER BY o.placed_at DESC, o.id DESC LIMIT p_limit);
    END IF;
END $$;
