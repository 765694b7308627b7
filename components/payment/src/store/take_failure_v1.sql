-- A provider says that an attempt has failed.
CREATE OR REPLACE FUNCTION payment.take_failure_v1(p_provider text, p_leg uuid, p_reason text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payment.leg l WHERE l.id = p_leg AND l.provider = p_provider) THEN
        RETURN 'unknown_leg';
    ELSIF payment.end_attempt_v1(p_leg, 'failed', p_reason) THEN
        RETURN 'failed';
    END IF;
    -- It is paid, or was given up before.
    RETURN 'ignored';
END $$;
