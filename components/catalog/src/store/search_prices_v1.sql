-- Whether a product's currency and lowest price pass a filter. Written into the statements that call it, as
-- `search_allows_v1`.
CREATE OR REPLACE FUNCTION catalog.search_prices_v1(d catalog.search_document, f catalog.search_filter)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT (f.currency IS NULL OR d.currency = f.currency)
       AND (f.min_price IS NULL OR d.lowest_price >= f.min_price)
       AND (f.max_price IS NULL OR d.lowest_price <= f.max_price)
$$;
