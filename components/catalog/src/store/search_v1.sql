-- A page of listed products as JSON items, with the position of the last one where there is a next page.
-- p_words: NULL is no text; see `search_query_v1`. p_step, p_key, p_id and p_similar are the position
-- that the page before ended with; p_step NULL is the first page.
-- `similar`: nothing matched, so that unknown words were taken for what they are near to.
-- `next_step`: 0 in a sort by a column; for relevance see `search_relevant_v1`.
CREATE OR REPLACE FUNCTION catalog.search_v1(
    p_words text[], p_category uuid, p_min_price bigint, p_max_price bigint, p_currency text,
    p_seller uuid, p_in_stock boolean, p_sort text, p_limit integer,
    p_step integer, p_key bigint, p_id uuid, p_similar boolean
) RETURNS TABLE (items text, "similar" boolean, next_step integer, next_key bigint, next_id uuid)
LANGUAGE plpgsql STABLE SET jit = off SET random_page_cost = 1.1 AS $$
DECLARE
    v_filter catalog.search_filter;
    v_query catalog.search_query;
    v_similar boolean := coalesce(p_similar, false);
    v_ids uuid[] := '{}';
    v_keys bigint[];
    v_steps integer[];
BEGIN
    v_filter := (NULL, p_min_price, p_max_price, p_currency, p_seller, p_in_stock);
    IF p_category IS NOT NULL THEN
        -- '0' follows '/' in the collation of paths.
        v_filter.categories := ARRAY(
            SELECT c.id FROM catalog.category top JOIN catalog.category c
                ON c.path = top.path OR (c.path > top.path || '/' AND c.path < top.path || '0')
            WHERE top.id = p_category);
    END IF;
    IF p_words IS NULL THEN
        IF p_category IS NOT NULL THEN
            SELECT * INTO v_ids, v_keys
            FROM catalog.search_category_v1(v_filter, p_sort, p_key, p_id, p_limit + 1);
        ELSE
            SELECT * INTO v_ids, v_keys
            FROM catalog.search_sorted_v1(NULL, NULL, v_filter, p_sort, p_key, p_id, p_limit + 1);
        END IF;
    ELSE
        LOOP
            v_query := catalog.search_query_v1(p_words, v_similar);
            IF v_query.every_one IS NULL THEN
                v_ids := '{}';
            ELSIF p_sort = 'relevance' THEN
                SELECT * INTO v_ids, v_keys, v_steps FROM catalog.search_relevant_v1(
                    v_query, v_filter, p_step, p_key, p_id, p_limit + 1);
            ELSE
                SELECT * INTO v_ids, v_keys FROM catalog.search_sorted_v1(
                    v_query, 'all', v_filter, p_sort, p_key, p_id, p_limit + 1);
            END IF;
            EXIT WHEN v_similar OR p_step IS NOT NULL OR cardinality(v_ids) > 0;
            v_similar := true;
        END LOOP;
    END IF;
    IF cardinality(v_ids) > p_limit THEN
        next_step := coalesce(v_steps[p_limit], 0);
        next_key := v_keys[p_limit];
        next_id := v_ids[p_limit];
    END IF;
    "similar" := v_similar AND cardinality(v_ids) > 0;
    SELECT coalesce(json_agg(json_build_object(
               'id', p.id, 'slug', p.slug, 'name', p.name,
               'lowest_price', json_build_object('amount', p.lowest_price, 'currency', p.currency),
               'currency', p.currency,
               'category', json_build_object('id', c.id, 'name', c.name, 'path', c.path),
               'seller', json_build_object('id', p.seller_id, 'name', s.name),
               'condition', p.condition, 'status', p.status,
               'in_stock', d.in_stock, 'units_sold', d.units_sold,
               'created_at', to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY x.place), '[]')::text
    INTO items
    FROM unnest(v_ids[1:p_limit]) WITH ORDINALITY AS x(id, place)
    JOIN catalog.product p ON p.id = x.id
    JOIN catalog.search_document d ON d.product_id = x.id
    JOIN catalog.category c ON c.id = p.category_id
    LEFT JOIN catalog.seller s ON s.id = p.seller_id;
    RETURN NEXT;
END $$;
