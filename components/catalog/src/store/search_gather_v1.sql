-- Matches beyond a position, found by collecting all there are and sorting them: cheap where few products
-- match, and complete anyway. p_part as in `search_match_v1`.
CREATE OR REPLACE FUNCTION catalog.search_gather_v1(
    p_query catalog.search_query, p_part text, p_filter catalog.search_filter,
    p_sort text, p_key bigint, p_id uuid, p_limit integer, OUT ids uuid[], OUT keys bigint[]
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_order record := catalog.search_order_v1(p_sort);
BEGIN
    -- Materialized, so that the planner does not count on stopping early and walk after all.
    EXECUTE format(
        'WITH found AS MATERIALIZED (
             SELECT d.product_id, %1$s AS key FROM catalog.search_document d
             WHERE d.listed AND catalog.search_allows_v1(d, $2) AND %2$s AND %3$s)
         SELECT coalesce(array_agg(g.product_id), ''{}''), coalesce(array_agg(g.key), ''{}'') FROM (
             SELECT f.product_id, f.key FROM found f ORDER BY f.key %4$s, f.product_id %4$s LIMIT $5) g',
        v_order.key, catalog.search_match_v1(p_part), v_order.beyond, v_order.direction)
    INTO ids, keys USING p_query, p_filter, p_key, p_id, p_limit;
END $$;
