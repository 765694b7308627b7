-- Matches beyond a position, found by going along the index of the sort: cheap where many products
-- match. It looks at forty times as many products as are asked for, and at ten times that where nothing but
-- going on would help, and may so find too few; all that it finds is right. p_part as in `search_match_v1`.
CREATE OR REPLACE FUNCTION catalog.search_walk_v1(
    p_query catalog.search_query, p_part text, p_filter catalog.search_filter,
    p_sort text, p_key bigint, p_id uuid, p_limit integer, OUT ids uuid[], OUT keys bigint[]
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_order record := catalog.search_order_v1(p_sort);
BEGIN
    EXECUTE format(
        'SELECT coalesce(array_agg(w.product_id), ''{}''), coalesce(array_agg(w.key), ''{}'') FROM (
             SELECT w.product_id, w.key FROM (
                 SELECT d.product_id, %1$s AS key, catalog.search_allows_v1(d, $2) AND %2$s AS matches
                 FROM catalog.search_document d WHERE d.listed AND %3$s AND %4$s ORDER BY %5$s LIMIT $6) w
             WHERE w.matches LIMIT $5) w',
        v_order.key, catalog.search_match_v1(p_part),
        -- Prices are in the index of their sorts.
        CASE v_order.key WHEN 'd.lowest_price' THEN 'catalog.search_prices_v1(d, $2)' ELSE 'true' END,
        v_order.beyond, v_order.sorting)
    INTO ids, keys USING p_query, p_filter, p_key, p_id, p_limit,
        p_limit * CASE WHEN p_part IS NULL AND p_filter.seller_id IS NULL THEN 400 ELSE 40 END;
END $$;
