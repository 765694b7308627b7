-- A leg for the module's own code.
CREATE OR REPLACE FUNCTION payment.leg_json_v1(l payment.leg) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', l.id, 'session_id', l.session_id, 'position', l.position, 'method', l.method,
        'provider', l.provider, 'amount', l.amount, 'currency', l.currency, 'refunded', l.refunded,
        'state', l.state, 'provider_ref', l.provider_ref, 'pay_url', l.pay_url, 'reason', l.reason,
        'created_at', shared.rfc3339(l.created_at), 'expires_at', shared.rfc3339(l.expires_at),
        'settled_at', shared.rfc3339(l.settled_at));
END $$;
