-- The orders of a checkout that is not placed, as the API writes them: they have no status yet.
CREATE OR REPLACE FUNCTION "order".plan_json_v1(p_plan jsonb, p_currency text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', o.id,
                   'seller_id', o.seller_id,
                   'status', NULL,
                   'total', shared.money(o.total, p_currency),
                   'list_total', shared.money(o.list_total, p_currency),
                   'discount', shared.money(coalesce(o.discount, 0), p_currency),
                   'shipping', shared.money(coalesce(o.shipping, 0), p_currency),
                   'lines', (
                       SELECT coalesce(jsonb_agg(jsonb_build_object(
                                  'variant_id', l.variant_id,
                                  'product_id', l.product_id,
                                  'name', l.name,
                                  'sku', l.sku,
                                  'attributes', l.attributes,
                                  'unit_price', shared.money(l.unit_price, p_currency),
                                  'list_price', l.list_price - 'rate',
                                  'exchange_rate', l.list_price->>'rate',
                                  'quantity', l.quantity,
                                  'discount', shared.money(coalesce(l.discount, 0), p_currency),
                                  'total', shared.money(
                                      l.unit_price * l.quantity - coalesce(l.discount, 0), p_currency))
                              ORDER BY x.n), '[]')
                       FROM jsonb_array_elements(o.lines) WITH ORDINALITY AS x(line, n)
                       CROSS JOIN LATERAL jsonb_to_record(x.line) AS l(
                           variant_id uuid, product_id uuid, name text, sku text, attributes jsonb,
                           unit_price bigint, list_price jsonb, quantity integer, discount bigint)))
               ORDER BY o.id), '[]')
        FROM jsonb_to_recordset(p_plan->'orders') AS o(
            id uuid, seller_id uuid, total bigint, list_total bigint, discount bigint, shipping bigint,
            lines jsonb));
END $$;
