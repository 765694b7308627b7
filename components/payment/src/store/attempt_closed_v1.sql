-- The workflow of an attempt gives it up, `failed` or `cancelled`, unless somebody else has closed it.
CREATE OR REPLACE FUNCTION payment.attempt_closed_v1(p_note jsonb, p_leg uuid, p_state text, p_reason text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF payment.workflow_note(p_note) THEN
        PERFORM payment.end_attempt_v1(p_leg, p_state, p_reason);
    END IF;
END $$;
