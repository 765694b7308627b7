-- A refund for the module's own code.
CREATE OR REPLACE FUNCTION payment.refund_json_v1(r payment.refund) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN to_jsonb(r) || jsonb_build_object('legs', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
                   'id', g.id, 'amount', g.amount, 'state', g.state, 'provider_ref', g.provider_ref,
                   'method', l.method, 'provider', l.provider, 'leg_id', l.id, 'leg_amount', l.amount,
                   'leg_provider_ref', l.provider_ref, 'leg_created_at', shared.rfc3339(l.created_at))
               ORDER BY g.position)
        FROM payment.refund_leg g JOIN payment.leg l ON l.id = g.leg_id
        WHERE g.refund_id = r.id), '[]'));
END $$;
