-- As `search_gather_v1`, by score; by units sold instead where more than p_most match, because then scoring
-- all of them for every page costs more than their order is worth. `scored` says which it was.
CREATE OR REPLACE FUNCTION catalog.search_rank_v1(
    p_query catalog.search_query, p_part text, p_filter catalog.search_filter, p_most bigint,
    p_key bigint, p_id uuid, p_limit integer, OUT ids uuid[], OUT keys bigint[], OUT scored boolean
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    EXECUTE format(
        'WITH found AS MATERIALIZED (
             SELECT d.product_id, d.head, d.units_sold, d.in_stock FROM catalog.search_document d
             WHERE d.listed AND catalog.search_allows_v1(d, $2) AND %s
         ), way AS MATERIALIZED (
             SELECT $6 IS NULL OR count(*) <= $6 AS scored FROM found)
         SELECT coalesce(array_agg(g.product_id), ''{}''), coalesce(array_agg(g.key), ''{}''),
                (SELECT w.scored FROM way w)
         FROM (SELECT f.product_id, f.key
               FROM (SELECT d.product_id,
                            CASE WHEN (SELECT w.scored FROM way w)
                                THEN catalog.search_score_v1(d.head, $1, d.units_sold, d.in_stock)
                                ELSE d.units_sold END AS key
                     FROM found d) f
               WHERE $4 IS NULL OR (f.key, f.product_id) < ($3, $4)
               ORDER BY f.key DESC, f.product_id DESC LIMIT $5) g',
        catalog.search_match_v1(p_part))
    INTO ids, keys, scored USING p_query, p_filter, p_key, p_id, p_limit, p_most;
END $$;
