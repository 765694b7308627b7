-- Staff pay a seller all the same although the buyer's bank took the money back: the platform bears it. The
-- escrow thaws, and is paid out now if its order is complete. Answers the escrow. Refuses with `not_found`,
-- `own_affair`, and `not_frozen` (`escrow_status`).
CREATE OR REPLACE FUNCTION payment.thaw_escrow_v1(
    p_actor uuid, p_key text, p_hash text, p_reference uuid, p_trace text, p_order uuid, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb := payment.idempotency_begin(p_actor, p_key, p_hash, p_reference);
    v_now timestamp := shared.now();
    e payment.escrow;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    e := payment.hold_escrow_v1(p_order);
    IF e.order_id IS NULL THEN
        PERFORM shared.refuse('not_found');
    ELSIF p_actor IN (e.buyer_id, e.seller_id) THEN
        PERFORM shared.refuse('own_affair');
    ELSIF e.frozen_at IS NULL THEN
        PERFORM shared.refuse('not_frozen', jsonb_build_object('escrow_status', e.state));
    END IF;
    UPDATE payment.escrow x
    SET frozen_at = NULL, release_due = false, thawed_at = v_now, thawed_by = p_actor,
        thaw_reason = left(p_reason, 500), version = x.version + 1, updated_at = v_now
    WHERE x.order_id = p_order;
    IF e.release_due THEN
        PERFORM payment.release_v1(p_order, p_trace);
    END IF;
    v_body := payment.escrow_v1(p_actor, true, p_order);
    PERFORM payment.idempotency_end(p_actor, p_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
