-- Counts what was sold, once an order is done for good. p_lines: `[{"product_id", "quantity"}]`. Without
-- a new version of the products, as in `stock_changed_v1`.
CREATE OR REPLACE FUNCTION catalog.order_completed_v1(p_lines jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_lines IS NULL THEN
        RAISE EXCEPTION 'no lines' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM 1 FROM catalog.search_document d
    WHERE d.product_id IN (SELECT l.product_id FROM jsonb_to_recordset(p_lines) AS l(product_id uuid))
    ORDER BY d.product_id FOR NO KEY UPDATE;
    UPDATE catalog.search_document d SET units_sold = d.units_sold + l.quantity
    FROM (SELECT x.product_id, sum(x.quantity)::bigint AS quantity
          FROM jsonb_to_recordset(p_lines) AS x(product_id uuid, quantity bigint) GROUP BY x.product_id) l
    WHERE d.product_id = l.product_id;
END $$;
