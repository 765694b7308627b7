-- Products, newest first, from below p_after. p_category means its subtree. p_status NULL means every
-- state, and is for lists of one seller only. `next_id` is where the next page begins, if there is one.
-- Each way to ask walks an index that is sorted by id, so that a page costs the same wherever it is.
CREATE OR REPLACE FUNCTION catalog.list_products_v1(
    p_seller uuid, p_category uuid, p_status text, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_after uuid := coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_path text;
    v_categories uuid[];
    v_ids uuid[];
BEGIN
    IF p_category IS NOT NULL THEN
        SELECT c.path INTO v_path FROM catalog.category c WHERE c.id = p_category;
        -- '0' follows '/' in the collation of paths.
        v_categories := ARRAY(
            SELECT c.id FROM catalog.category c
            WHERE c.path = v_path OR (c.path > v_path || '/' AND c.path < v_path || '0'));
    END IF;
    IF p_seller IS NOT NULL THEN
        v_ids := ARRAY(
            SELECT p.id FROM catalog.product p
            WHERE p.seller_id = p_seller AND p.deleted_at IS NULL AND p.id < v_after
              AND (p_status IS NULL OR p.status = p_status)
              AND (p_category IS NULL OR p.category_id = ANY (v_categories))
            ORDER BY p.id DESC LIMIT p_limit + 1);
    ELSIF p_category IS NOT NULL THEN
        v_ids := ARRAY(
            SELECT x.id FROM unnest(v_categories) AS c(id)
            CROSS JOIN LATERAL (
                -- Written so that only the category's own index is sorted as asked. With `=`, the planner
                -- may walk all products from the newest, and for a rare category that is all of them.
                SELECT p.id FROM catalog.product p
                WHERE p.category_id = ANY (ARRAY[c.id])
                  AND p.status = 'active' AND p.deleted_at IS NULL AND p.id < v_after
                ORDER BY p.category_id, p.id DESC LIMIT p_limit + 1) x
            ORDER BY x.id DESC LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(
            SELECT p.id FROM catalog.product p
            WHERE p.status = 'active' AND p.deleted_at IS NULL AND p.id < v_after
            ORDER BY p.id DESC LIMIT p_limit + 1);
    END IF;
    RETURN QUERY
    SELECT coalesce(json_agg(json_build_object(
               'id', p.id, 'slug', p.slug, 'name', p.name,
               'lowest_price', shared.money(p.lowest_price, p.currency::text), 'currency', p.currency::text,
               'seller', json_build_object('id', p.seller_id, 'name', s.name),
               'condition', p.condition, 'status', p.status,
               'in_stock', coalesce(d.in_stock, false), 'units_sold', coalesce(d.units_sold, 0),
               'created_at', shared.rfc3339(p.created_at)) ORDER BY p.id DESC), '[]')::text,
           CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END
    FROM catalog.product p
    LEFT JOIN catalog.seller s ON s.id = p.seller_id
    LEFT JOIN catalog.search_document d ON d.product_id = p.id
    WHERE p.id = ANY (v_ids[1:p_limit]);
END $$;
