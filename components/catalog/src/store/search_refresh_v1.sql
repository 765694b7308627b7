-- Makes the search rows of stale products again, p_limit at most, those that nobody is working on.
CREATE OR REPLACE FUNCTION catalog.search_refresh_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_product catalog.product;
    v_count bigint := 0;
BEGIN
    FOR v_product IN
        SELECT p.* FROM catalog.search_stale s JOIN catalog.product p ON p.id = s.product_id
        ORDER BY p.id LIMIT p_limit FOR NO KEY UPDATE OF p SKIP LOCKED
    LOOP
        PERFORM catalog.search_index_v1(v_product);
        DELETE FROM catalog.search_stale s WHERE s.product_id = v_product.id;
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $$;
