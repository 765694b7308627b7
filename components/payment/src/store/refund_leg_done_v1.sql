-- A provider has paid a part of a refund back. `p_note` is the note of the workflow whose step it is.
CREATE OR REPLACE FUNCTION payment.refund_leg_done_v1(
    p_refund_leg uuid, p_provider_ref text, p_note jsonb
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_note IS NULL OR payment.workflow_note(p_note) THEN
        PERFORM payment.settle_refund_leg_v1(p_refund_leg, 'done', p_provider_ref, NULL);
    END IF;
END $$;
