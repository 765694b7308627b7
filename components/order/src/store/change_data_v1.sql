-- What the event of a change carries: the payload of its kind. `o` is the order after the change.
CREATE OR REPLACE FUNCTION "order".change_data_v1(
    o "order"."order", p_kind text, p_side text, p_reason text
) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('order_id', o.id, 'buyer_id', o.buyer_id, 'seller_id', o.seller_id)
        || CASE p_kind
            WHEN 'order.declined' THEN jsonb_build_object('reason', p_reason)
            WHEN 'order.cancelled' THEN jsonb_build_object('ended_by', p_side, 'reason', p_reason)
            WHEN 'order.shipped' THEN jsonb_build_object(
                'carrier', o.shipment->>'carrier', 'tracking_number', o.shipment->>'tracking_number')
            WHEN 'order.delivered' THEN jsonb_build_object(
                'reported_by', p_side, 'complete_by', shared.rfc3339(o.complete_by))
            WHEN 'order.completed' THEN jsonb_build_object(
                'completed_by', p_side,
                'lines', (SELECT jsonb_agg(jsonb_build_object(
                              'variant_id', l.variant_id, 'product_id', l.product_id,
                              'quantity', l.quantity) ORDER BY l.position)
                          FROM "order".line l WHERE l.order_id = o.id))
            ELSE '{}'
        END;
END $$;
