-- Tells a checkout's workflow that its buyer does not want it any more, and takes the workflow over if
-- nobody has it, for 12 seconds: `run` is to be gone on with then. NULL `found`: no such checkout of
-- this buyer. One that came to nothing is left as it is; of one that is placed the orders are to be
-- cancelled. The same key tells it once.
CREATE OR REPLACE FUNCTION "order".cancel_checkout_v1(
    p_buyer uuid, p_key text, p_hash text, p_reference uuid, p_checkout uuid, p_reason text
) RETURNS TABLE (run text)
LANGUAGE plpgsql AS $$
DECLARE
    v_status text;
    v_workflow text;
    v_stored jsonb := "order".idempotency_begin(p_buyer, p_key, p_hash, p_reference);
BEGIN
    SELECT c.status INTO v_status FROM "order".checkout c
    WHERE c.id = p_checkout AND c.buyer_id = p_buyer;
    SELECT w.status INTO v_workflow FROM "order".workflow w
    WHERE w.id = p_checkout AND w.kind = 'checkout' AND w.subject = p_buyer;
    IF v_status IS NULL AND v_workflow IS NULL THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_status = 'placed' THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('checkout_status', v_status));
    END IF;
    IF v_workflow IN ('running', 'waiting', 'undoing', 'stuck') THEN
        IF v_stored IS NULL THEN
            -- Once is enough, whoever asks again.
            PERFORM "order".workflow_signal(
                p_checkout, 'cancel', 'buyer', jsonb_build_object('reason', p_reason));
        END IF;
        RETURN QUERY SELECT "order".workflow_take(p_checkout, 12000);
    ELSE
        RETURN QUERY SELECT NULL::text;
    END IF;
    PERFORM "order".idempotency_end(p_buyer, p_key, 200, NULL);
END $$;
