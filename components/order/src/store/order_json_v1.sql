-- An order as its buyer or its seller sees it. What the seller got for it is nobody else's business.
CREATE OR REPLACE FUNCTION "order".order_json_v1(o "order"."order", p_side text) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', o.id,
        'checkout_id', o.checkout_id,
        'buyer_id', o.buyer_id,
        'seller_id', o.seller_id,
        'status', o.status,
        'ended_by', o.ended_by,
        'reason', o.reason,
        'provider', o.provider,
        'rate_snapshot_id', o.rate_snapshot_id,
        'total', shared.money(o.total, o.currency),
        'list_total', shared.money(coalesce(o.list_total, o.total), o.currency),
        'discount', shared.money(o.discount, o.currency),
        'shipping', shared.money(o.shipping, o.currency),
        'payout', CASE WHEN p_side = 'seller' AND o.payout IS NOT NULL
                       THEN shared.money(o.payout, o.currency) END,
        'payout_at', CASE WHEN p_side = 'seller' THEN shared.rfc3339(o.payout_at) END,
        'delivery', o.delivery,
        'shipment', o.shipment,
        'lines', "order".lines_json_v1(o.id, o.currency),
        'history', (
            SELECT jsonb_agg(jsonb_build_object(
                       'from', h.from_status,
                       'to', h.to_status,
                       'by', CASE WHEN h.actor_id = o.buyer_id THEN 'buyer'
                                  WHEN h.actor_id = o.seller_id THEN 'seller'
                                  ELSE 'system' END,
                       'reason', h.reason,
                       'at', shared.rfc3339(h.at))
                   ORDER BY h.version)
            FROM "order".history h WHERE h.order_id = o.id),
        'version', o.version,
        'placed_at', shared.rfc3339(o.placed_at),
        'confirm_by', shared.rfc3339(o.confirm_by),
        'shipped_at', shared.rfc3339(o.shipped_at),
        'delivered_at', shared.rfc3339(o.delivered_at),
        'complete_by', shared.rfc3339(o.complete_by),
        'completed_at', shared.rfc3339(o.completed_at),
        'updated_at', shared.rfc3339(o.updated_at));
END $$;
