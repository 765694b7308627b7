-- How well a product answers a query: the one place where the weights of ranking stand. A word of the
-- query counts 1 in the name and 0.4 in the category, and one in the description alone next to nothing;
-- the fewer other words, the better; sales raise it by a tenth for each e-fold of them, and having none in
-- stock takes three tenths off. A whole number, so that a cursor can hold it.
CREATE OR REPLACE FUNCTION catalog.search_score_v1(
    p_head tsvector, p_query catalog.search_query, p_units_sold bigint, p_in_stock boolean
) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (1e6::float8 * (0.02 + ts_rank('{0, 0, 0.4, 1}', p_head, p_query.any_of, 1))
            * (1 + ln((1 + p_units_sold)::float8) / 10) * CASE WHEN p_in_stock THEN 1 ELSE 0.7 END)::bigint
$$;
