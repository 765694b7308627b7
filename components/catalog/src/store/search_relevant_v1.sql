-- Matches beyond a position, the most relevant first: part by part of `search_match_v1`, each by score, or by
-- units sold where many match. The first page that comes to a part decides which. `steps` says of each match
-- how it was found: 1 and 2, 'exact' by score and by sales; 3 and 4, 'inexact'; 5 and 6, 'rest'. p_step: that
-- of the position; NULL is the start.
CREATE OR REPLACE FUNCTION catalog.search_relevant_v1(
    p_query catalog.search_query, p_filter catalog.search_filter,
    p_step integer, p_key bigint, p_id uuid, p_limit integer,
    OUT ids uuid[], OUT keys bigint[], OUT steps integer[]
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_parts CONSTANT text[] := ARRAY['exact', 'inexact', 'rest'];
    v_need integer;
    v_ids uuid[];
    v_keys bigint[];
    v_scored boolean;
BEGIN
    ids := '{}';
    keys := '{}';
    steps := '{}';
    FOR v_part IN coalesce((p_step + 1) / 2, 1)..3 LOOP
        v_need := p_limit - cardinality(ids);
        EXIT WHEN v_need = 0;
        CONTINUE WHEN v_part = 1 AND p_query.exact IS NULL OR v_part = 2 AND p_query.exact = p_query.every_one;
        IF p_step = 2 * v_part - 1 THEN
            SELECT * INTO v_ids, v_keys, v_scored
            FROM catalog.search_rank_v1(p_query, v_parts[v_part], p_filter, NULL, p_key, p_id, v_need);
        ELSIF p_step = 2 * v_part THEN
            SELECT *, false INTO v_ids, v_keys, v_scored FROM catalog.search_sorted_v1(
                p_query, v_parts[v_part], p_filter, 'best_selling', p_key, p_id, v_need);
        ELSE
            -- Where many match, enough of them are soon found, and nothing has to be collected.
            SELECT *, false INTO v_ids, v_keys, v_scored FROM catalog.search_walk_v1(
                p_query, v_parts[v_part], p_filter, 'best_selling', NULL, NULL, v_need);
            IF cardinality(v_ids) < v_need THEN
                SELECT * INTO v_ids, v_keys, v_scored
                FROM catalog.search_rank_v1(p_query, v_parts[v_part], p_filter, 500, NULL, NULL, v_need);
            END IF;
        END IF;
        ids := ids || v_ids;
        keys := keys || v_keys;
        steps := steps || array_fill(2 * v_part - v_scored::integer, ARRAY[cardinality(v_ids)]);
    END LOOP;
END $$;
