-- A checkout as its buyer sees it, with its orders as they are now.
CREATE OR REPLACE FUNCTION "order".checkout_json_v1(p_checkout uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', c.id,
            'total', shared.money(c.total, c.currency),
            'provider', c.provider,
            'placed_at', shared.rfc3339(c.placed_at),
            'orders', (
                SELECT jsonb_agg(jsonb_build_object(
                           'id', o.id,
                           'seller_id', o.seller_id,
                           'status', o.status,
                           'total', shared.money(o.total, o.currency),
                           'lines', "order".lines_json_v1(o.id, o.currency))
                       ORDER BY o.id)
                FROM "order"."order" o WHERE o.checkout_id = c.id))
        FROM "order".checkout c WHERE c.id = p_checkout);
END $$;
