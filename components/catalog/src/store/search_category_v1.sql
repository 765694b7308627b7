-- Products of the categories of a filter beyond a position, without words: from each category's own index,
-- and of these the first.
CREATE OR REPLACE FUNCTION catalog.search_category_v1(
    p_filter catalog.search_filter, p_sort text, p_key bigint, p_id uuid, p_limit integer,
    OUT ids uuid[], OUT keys bigint[]
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_order record := catalog.search_order_v1(p_sort);
    v_categories uuid[] := p_filter.categories;
BEGIN
    p_filter.categories := NULL;
    -- `= ANY` of one, and a sort that begins with the category: otherwise the planner may walk all products
    -- in the order asked for, and for a category that is rare among them that is all there are.
    EXECUTE format(
        'SELECT coalesce(array_agg(c.product_id), ''{}''), coalesce(array_agg(c.key), ''{}'') FROM (
             SELECT b.product_id, b.key FROM unnest($6) AS c(id) CROSS JOIN LATERAL (
                 SELECT d.product_id, %1$s AS key FROM catalog.search_document d
                 WHERE d.listed AND d.category_id = ANY (ARRAY[c.id]) AND catalog.search_allows_v1(d, $2) AND %2$s
                 ORDER BY d.category_id %3$s, %4$s LIMIT $5) b
             ORDER BY b.key %3$s, b.product_id %3$s LIMIT $5) c',
        v_order.key, v_order.beyond, v_order.direction, v_order.sorting)
    INTO ids, keys USING NULL, p_filter, p_key, p_id, p_limit, v_categories;
END $$;
