-- A provider will not pay a part of a refund back: the wallet gets it. `p_note` is the note of the workflow
-- whose step it is, `p_provider_ref` the provider's name for the refund that came to nothing there.
CREATE OR REPLACE FUNCTION payment.refund_leg_to_wallet_v1(
    p_refund_leg uuid, p_reason text, p_note jsonb, p_provider_ref text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_note IS NULL OR payment.workflow_note(p_note) THEN
        PERFORM payment.settle_refund_leg_v1(p_refund_leg, 'to_wallet', p_provider_ref, p_reason);
    END IF;
END $$;
