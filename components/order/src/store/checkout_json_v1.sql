-- A checkout as its buyer sees it, with its orders as they are now, or as they will be.
CREATE OR REPLACE FUNCTION "order".checkout_json_v1(p_checkout uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    c "order".checkout;
    v_currency text;
    v_orders jsonb;
BEGIN
    SELECT * INTO c FROM "order".checkout x WHERE x.id = p_checkout;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    v_currency := c.currency;
    IF c.status = 'placed' THEN
        v_orders := (
            SELECT jsonb_agg(jsonb_build_object(
                       'id', o.id,
                       'seller_id', o.seller_id,
                       'status', o.status,
                       'total', shared.money(o.total, v_currency),
                       'list_total', shared.money(coalesce(o.list_total, o.total), v_currency),
                       'discount', shared.money(o.discount, v_currency),
                       'shipping', shared.money(o.shipping, v_currency),
                       'lines', "order".lines_json_v1(o.id, v_currency))
                   ORDER BY o.id)
            FROM "order"."order" o WHERE o.checkout_id = c.id);
    ELSE
        v_orders := "order".plan_json_v1(c.plan, v_currency);
    END IF;
    RETURN jsonb_build_object(
        'id', c.id,
        'status', c.status,
        'code', NULL,
        'rate_snapshot_id', c.rate_snapshot_id,
        'total', shared.money(c.total, v_currency),
        'list_total', shared.money(coalesce(c.list_total, c.total), v_currency),
        'discount', shared.money(c.discount, v_currency),
        'shipping', shared.money(c.shipping, v_currency),
        'provider', c.provider,
        'payment', jsonb_build_object(
            'provider', c.provider,
            'from_wallet', shared.money(c.from_wallet, v_currency),
            'pay_url', CASE WHEN c.status = 'awaiting_payment' THEN c.pay_url END,
            'expires_at', shared.rfc3339(c.expires_at)),
        'promotions', c.promotions,
        'orders', v_orders,
        'begun_at', shared.rfc3339(coalesce(c.begun_at, c.placed_at)),
        'placed_at', shared.rfc3339(c.placed_at),
        'reason', c.ended_reason);
END $$;
