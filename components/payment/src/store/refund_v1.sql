-- Refunds a part or all of an order, once for each reference. Answers `{"id", "state", "repeated"}`. Refuses
-- with `refund_exceeds_order` (`left`), `wrong_state` (`escrow_status`: nothing is paid, or the order ended
-- unpaid), `refund_reused`, or `not_found`.
CREATE OR REPLACE FUNCTION payment.refund_v1(
    p_reference text, p_order uuid, p_amount bigint, p_destination text, p_reason text,
    p_actor uuid, p_trace text
) RETURNS jsonb
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    e payment.escrow := payment.hold_escrow_v1(p_order);
    r payment.refund;
    v_id uuid;
    v_left bigint;
BEGIN
    IF e.order_id IS NULL THEN
        PERFORM shared.refuse('not_found');
    END IF;
    SELECT * INTO r FROM payment.refund x WHERE x.reference = p_reference;
    IF FOUND THEN
        IF r.order_id IS DISTINCT FROM p_order OR r.amount <> p_amount THEN
            PERFORM shared.refuse('refund_reused');
        END IF;
        RETURN jsonb_build_object('id', r.id, 'state', r.state, 'repeated', true);
    ELSIF p_amount <= 0 THEN
        RAISE invalid_parameter_value USING MESSAGE = 'a refund of ' || p_amount;
    ELSIF e.state NOT IN ('held', 'released', 'refunded') THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('escrow_status', e.state));
    END IF;
    v_left := e.goods + e.shipping - e.refunded;
    IF p_amount > v_left THEN
        PERFORM shared.refuse('refund_exceeds_order', jsonb_build_object('left', v_left));
    END IF;
    v_id := payment.refund_escrow_v1(e, p_reference, p_amount, p_destination, p_reason, p_actor, p_trace);
    RETURN (SELECT jsonb_build_object('id', x.id, 'state', x.state, 'repeated', false)
            FROM payment.refund x WHERE x.id = v_id);
END $$;
