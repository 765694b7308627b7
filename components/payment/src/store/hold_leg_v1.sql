-- Locks an attempt's session, the session's escrows and the attempt, in the order of all who lock these. NULL
-- where the provider has no such attempt.
CREATE OR REPLACE FUNCTION payment.hold_leg_v1(p_provider text, p_leg uuid) RETURNS payment.leg
LANGUAGE plpgsql AS $$
DECLARE
    v_session uuid;
    l payment.leg;
BEGIN
    SELECT x.id INTO v_session FROM payment.session x
    WHERE x.id = (SELECT y.session_id FROM payment.leg y WHERE y.id = p_leg)
    FOR UPDATE;
    PERFORM 1 FROM payment.escrow e WHERE e.session_id = v_session ORDER BY e.order_id FOR UPDATE;
    SELECT * INTO l FROM payment.leg x
    WHERE x.id = p_leg AND x.method = 'provider' AND x.provider = p_provider
    FOR UPDATE;
    RETURN l;
END $$;
