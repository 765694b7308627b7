-- A sort by a column, as the statements of a search are made from it. They have `d`, a row of
-- `search_document`, and the parameters $3 and $4, key and id of the position that they go on from ($4 NULL:
-- from the start). `key` stands before the product's id in the sort; `sorting` and `beyond` name columns
-- of an index.
CREATE OR REPLACE FUNCTION catalog.search_order_v1(
    p_sort text, OUT key text, OUT direction text, OUT comparison text, OUT sorting text, OUT beyond text
)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    key := CASE p_sort
        WHEN 'newest' THEN '0::bigint' WHEN 'best_selling' THEN 'd.units_sold' ELSE 'd.lowest_price' END;
    direction := CASE p_sort WHEN 'price_asc' THEN 'ASC' ELSE 'DESC' END;
    comparison := CASE p_sort WHEN 'price_asc' THEN '>' ELSE '<' END;
    sorting := format(CASE p_sort WHEN 'newest' THEN 'd.product_id %2$s' ELSE '%1$s %2$s, d.product_id %2$s' END,
        key, direction);
    beyond := format(CASE p_sort
            WHEN 'newest' THEN '($4 IS NULL OR d.product_id %2$s $4)'
            ELSE '($4 IS NULL OR (%1$s, d.product_id) %2$s ($3, $4))' END,
        key, comparison);
END $$;
