-- As `orders_by_time_v1`, of the orders in whose names and codes every word of `p_query` occurs;
-- words of one or two letters only where a word begins. Signs that are no letters do not count, and
-- where there are no words, there are no orders.
--
-- Reads the account's own orders in their order until the page is full: a word that is rare among
-- them costs a look at each, 0.8 µs an order. A trigram index would spare that, but every change of
-- an order would pay for it, and checkouts would now and then wait until its list is worked off.
CREATE OR REPLACE FUNCTION "order".orders_search_v1(
    p_side text, p_account uuid, p_status text, p_query text, p_from timestamp,
    p_before_at timestamp, p_before_id uuid, p_limit integer
) RETURNS uuid[]
LANGUAGE plpgsql STABLE
-- A plan for each way to ask: one for all would use none of the indexes well.
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_patterns text[] := ARRAY(
        SELECT CASE WHEN length(w.word) < 3 THEN '% ' ELSE '%' END || w.word || '%'
        FROM unnest(string_to_array("order".search_form_v1(p_query), ' ')) AS w(word)
        WHERE cardinality(shared.show_trgm(w.word)) > 0);
BEGIN
    IF cardinality(v_patterns) = 0 THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT o.id FROM "order"."order" o
        WHERE CASE p_side WHEN 'buyer' THEN o.buyer_id ELSE o.seller_id END = p_account
          AND (p_status IS NULL OR o.status = p_status)
          AND (o.placed_at, o.id) < (p_before_at, p_before_id) AND o.placed_at >= p_from
          AND o.search_text LIKE ALL (v_patterns)
        ORDER BY o.placed_at DESC, o.id DESC LIMIT p_limit);
END $$;
