-- The lines of an order as the API writes them.
CREATE OR REPLACE FUNCTION "order".lines_json_v1(p_order uuid, p_currency text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'variant_id', l.variant_id,
                   'product_id', l.product_id,
                   'name', l.name,
                   'sku', l.sku,
                   'attributes', l.attributes,
                   'unit_price', shared.money(l.unit_price, p_currency),
                   'list_price', CASE WHEN l.list_price IS NOT NULL
                                      THEN shared.money(l.list_price, l.list_currency::text) END,
                   'exchange_rate', trim_scale(l.exchange_rate)::text,
                   'quantity', l.quantity,
                   'discount', shared.money(l.discount, p_currency),
                   'total', shared.money(l.unit_price * l.quantity - l.discount, p_currency))
               ORDER BY l.position), '[]')
        FROM "order".line l WHERE l.order_id = p_order);
END $$;
