-- A refund as the API shows it.
CREATE OR REPLACE FUNCTION payment.refund_view_v1(r payment.refund) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', r.id, 'session_id', r.session_id, 'order_id', r.order_id, 'payer_id', r.payer_id,
        'amount', shared.money(r.amount, r.currency), 'destination', r.destination, 'reason', r.reason,
        'state', r.state,
        'legs', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'method', l.method, 'provider', l.provider, 'amount', g.amount, 'state', g.state)
                   ORDER BY g.position)
            FROM payment.refund_leg g JOIN payment.leg l ON l.id = g.leg_id
            WHERE g.refund_id = r.id), '[]'),
        'requested_at', shared.rfc3339(r.requested_at), 'done_at', shared.rfc3339(r.done_at));
END $$;
