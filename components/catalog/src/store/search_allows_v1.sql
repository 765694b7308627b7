-- Whether a product passes a filter. A plain expression, which the planner writes into the statements that
-- call it: what is set there finds its index, and what is not set costs nothing.
CREATE OR REPLACE FUNCTION catalog.search_allows_v1(d catalog.search_document, f catalog.search_filter)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT (f.categories IS NULL OR d.category_id = ANY (f.categories))
       AND (f.seller_id IS NULL OR d.seller_id = f.seller_id)
       AND (f.in_stock IS NULL OR d.in_stock = f.in_stock)
       AND catalog.search_prices_v1(d, f)
$$;
