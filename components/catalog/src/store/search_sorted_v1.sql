-- Matches beyond a position, in the sort of a column. p_part as in `search_match_v1`.
CREATE OR REPLACE FUNCTION catalog.search_sorted_v1(
    p_query catalog.search_query, p_part text, p_filter catalog.search_filter,
    p_sort text, p_key bigint, p_id uuid, p_limit integer, OUT ids uuid[], OUT keys bigint[]
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT * INTO ids, keys FROM catalog.search_walk_v1(p_query, p_part, p_filter, p_sort, p_key, p_id, p_limit);
    IF cardinality(ids) < p_limit THEN
        SELECT * INTO ids, keys
        FROM catalog.search_gather_v1(p_query, p_part, p_filter, p_sort, p_key, p_id, p_limit);
    END IF;
END $$;
