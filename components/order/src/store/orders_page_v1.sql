-- A page of the orders of a buyer, or of the sales of a seller, newest first. Every filter may be
-- NULL: a state, words or an order's id, placed from (including) and to (excluding). A page begins
-- after the order `p_after`, whatever the filters were that led there.
CREATE OR REPLACE FUNCTION "order".orders_page_v1(
    p_side text, p_account uuid, p_status text, p_query text, p_from timestamp, p_to timestamp,
    p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_from timestamp := coalesce(p_from, '-infinity');
    v_before_at timestamp := coalesce(p_to, 'infinity');
    v_before_id uuid := '00000000-0000-0000-0000-000000000000';
    v_after_at timestamp;
    v_ids uuid[];
BEGIN
    IF p_after IS NOT NULL THEN
        SELECT o.placed_at INTO v_after_at FROM "order"."order" o
        WHERE o.id = p_after
          AND CASE p_side WHEN 'buyer' THEN o.buyer_id ELSE o.seller_id END = p_account;
        -- Nothing comes after an order that there is not.
        v_after_at := coalesce(v_after_at, '-infinity');
        IF (v_after_at, p_after) < (v_before_at, v_before_id) THEN
            v_before_at := v_after_at;
            v_before_id := p_after;
        END IF;
    END IF;

    IF p_query IS NULL THEN
        v_ids := "order".orders_by_time_v1(
            p_side, p_account, p_status, v_from, v_before_at, v_before_id, p_limit + 1);
    ELSE
        IF p_query ~* '^\s*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\s*$' THEN
            v_ids := ARRAY(SELECT o.id FROM "order"."order" o
                WHERE o.id = btrim(p_query)::uuid
                  AND CASE p_side WHEN 'buyer' THEN o.buyer_id ELSE o.seller_id END = p_account
                  AND (p_status IS NULL OR o.status = p_status)
                  AND (o.placed_at, o.id) < (v_before_at, v_before_id) AND o.placed_at >= v_from);
        END IF;
        IF cardinality(v_ids) IS DISTINCT FROM 1 THEN
            v_ids := "order".orders_search_v1(
                p_side, p_account, p_status, p_query, v_from, v_before_at, v_before_id, p_limit + 1);
        END IF;
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
                ORDER BY o.placed_at DESC, o.id DESC), '[]')::text
         FROM "order"."order" o
         CROSS JOIN LATERAL (
             SELECT min(x.name) FILTER (WHERE x.position = 1) AS name, count(*) AS line_count
             FROM "order".line x WHERE x.order_id = o.id) l
         WHERE o.id = ANY (v_ids[:p_limit])),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
