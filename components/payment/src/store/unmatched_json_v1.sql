-- Money that settles nothing, as staff see it.
CREATE OR REPLACE FUNCTION payment.unmatched_json_v1(u payment.unmatched_payment) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', u.id, 'provider', u.provider, 'provider_ref', u.provider_ref, 'event_id', u.event_id,
            'session_id', u.session_id, 'leg_id', u.leg_id, 'leg_state', l.state, 'payer_id', u.payer_id,
            'amount', u.amount, 'currency', u.currency, 'asked', shared.money(l.amount, l.currency),
            'state', u.state, 'reason', u.reason, 'decided_by', u.decided_by,
            'found_at', shared.rfc3339(u.found_at), 'decided_at', shared.rfc3339(u.decided_at))
        FROM payment.leg l WHERE l.id = u.leg_id);
END $$;
