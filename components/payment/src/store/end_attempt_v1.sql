-- Ends an attempt that is under way as `failed`, which `payment.failed` says, or `cancelled`. Whether it
-- was under way.
CREATE OR REPLACE FUNCTION payment.end_attempt_v1(p_leg uuid, p_state text, p_reason text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    s payment.session;
    l payment.leg;
BEGIN
    SELECT x.* INTO s FROM payment.session x
    WHERE x.id = (SELECT y.session_id FROM payment.leg y WHERE y.id = p_leg)
    FOR UPDATE;
    UPDATE payment.leg x SET state = p_state, reason = left(p_reason, 500), updated_at = v_now
    WHERE x.id = p_leg AND x.method = 'provider' AND x.state IN ('created', 'pending')
    RETURNING x.* INTO l;
    IF l.id IS NULL THEN
        RETURN false;
    END IF;
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = s.id RETURNING x.version INTO s.version;
    IF p_state = 'failed' THEN
        PERFORM payment.publish('payment.failed', s.id, s.version, jsonb_build_object(
            'session_id', s.id, 'payer_id', s.payer_id, 'provider', l.provider, 'reason', coalesce(l.reason, '')));
    END IF;
    RETURN true;
END $$;
