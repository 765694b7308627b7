-- The provider said no. Whether the attempt was under way.
CREATE OR REPLACE FUNCTION payment.leg_failed_v1(p_leg uuid, p_reason text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN payment.end_attempt_v1(p_leg, 'failed', p_reason);
END $$;
