-- The workflow of an attempt has heard from its provider that it is paid. What the report comes to stands
-- beside its event. A payment that is not what was asked for settles nothing: the attempt has failed, and
-- what to do about the money is for a person.
CREATE OR REPLACE FUNCTION payment.attempt_paid_v1(
    p_note jsonb, p_provider text, p_event text, p_leg uuid, p_provider_ref text,
    p_amount bigint, p_currency text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF payment.workflow_note(p_note)
       AND payment.report_v1(p_provider, p_event, 'settled', p_leg, p_provider_ref, p_amount, p_currency, NULL, NULL)
           NOT IN ('settled', 'late', 'duplicate') THEN
        PERFORM payment.end_attempt_v1(p_leg, 'failed', 'what was paid is not what was asked for');
    END IF;
END $$;
