-- A session as its payer sees it.
CREATE OR REPLACE FUNCTION payment.session_json_v1(s payment.session) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_now timestamp := shared.now();
    v_legs jsonb;
    v_wallet bigint;
    v_pay_url text;
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', l.id, 'method', l.method, 'provider', l.provider,
               'amount', shared.money(l.amount, l.currency),
               'refunded', shared.money(l.refunded, l.currency),
               'state', l.state, 'reason', l.reason,
               'pay_url', CASE WHEN x.waits THEN l.pay_url END,
               'client_data', CASE WHEN x.waits THEN l.client_data END,
               'created_at', shared.rfc3339(l.created_at), 'expires_at', shared.rfc3339(l.expires_at),
               'settled_at', shared.rfc3339(l.settled_at)) ORDER BY l.position), '[]'),
           coalesce(sum(l.amount) FILTER (WHERE l.method = 'wallet'), 0),
           max(l.pay_url) FILTER (WHERE x.waits)
    INTO v_legs, v_wallet, v_pay_url
    FROM payment.leg l
    CROSS JOIN LATERAL (SELECT s.state = 'open' AND l.state = 'pending' AND l.expires_at > v_now AS waits) x
    WHERE l.session_id = s.id;
    RETURN jsonb_build_object(
        'id', s.id, 'state', s.state,
        'total', shared.money(s.total, s.currency),
        'outstanding', shared.money(CASE s.state WHEN 'open' THEN s.total - s.settled ELSE 0 END, s.currency),
        'from_wallet', shared.money(v_wallet, s.currency),
        'refunded', shared.money(s.refunded, s.currency),
        'provider', s.provider, 'pay_url', v_pay_url, 'reason', s.reason, 'legs', v_legs,
        'version', s.version,
        'opened_at', shared.rfc3339(s.opened_at), 'expires_at', shared.rfc3339(s.expires_at),
        'settled_at', shared.rfc3339(s.settled_at), 'closed_at', shared.rfc3339(s.closed_at));
END $$;
