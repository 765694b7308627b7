-- The workflow of an attempt gives it up, `failed` or `cancelled`, unless somebody else has closed it.
-- `p_given_back`: the provider gave back what was paid by it, which was not what was asked for.
CREATE OR REPLACE FUNCTION payment.attempt_closed_v1(
    p_note jsonb, p_leg uuid, p_state text, p_reason text, p_given_back boolean
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF payment.workflow_note(p_note) THEN
        PERFORM payment.end_attempt_v1(p_leg, p_state, p_reason);
        -- Now, or when somebody let it go before.
        PERFORM payment.unmatched_returned_v1(l.id, p_reason) FROM payment.leg l
        WHERE l.id = p_leg AND (p_given_back OR payment.gives_back_v1(l.provider));
    END IF;
END $$;
