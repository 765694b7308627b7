-- An attempt is given up. Whether it was under way.
CREATE OR REPLACE FUNCTION payment.leg_cancelled_v1(p_leg uuid, p_reason text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN payment.end_attempt_v1(p_leg, 'cancelled', p_reason);
END $$;
