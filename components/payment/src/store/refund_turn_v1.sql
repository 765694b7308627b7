-- How a part of a refund stands beside the others of its payment: whether an earlier one has to be settled
-- first, and what the provider calls the others. Parts are made under the session's lock, and their ids are
-- of that time.
CREATE OR REPLACE FUNCTION payment.refund_turn_v1(p_refund_leg uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
                'waits', coalesce(bool_or(x.state = 'pending' AND x.id < g.id), false),
                'others', coalesce(jsonb_agg(x.provider_ref) FILTER (WHERE x.provider_ref IS NOT NULL), '[]'))
            FROM payment.refund_leg g
            LEFT JOIN payment.refund_leg x ON x.leg_id = g.leg_id AND x.id <> g.id
            WHERE g.id = p_refund_leg);
END $$;
