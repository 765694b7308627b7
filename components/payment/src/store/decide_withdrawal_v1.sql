-- Decides a withdrawal that waits: staff `approved` it (`p_text`: the bank's reference of the transfer) or
-- `rejected` it (the reason), or whose it is has `cancelled` it. What is not approved is back in the
-- wallet at once; what is approved is paid by the workflow, which is told. Refuses with `not_found`,
-- `own_affair`, `wrong_state` (`withdrawal_status`), and where the identity was rejected since approving with
-- `identity_unchecked` (`identity_status`).
CREATE OR REPLACE FUNCTION payment.decide_withdrawal_v1(
    p_actor uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_id uuid, p_decision text, p_text text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := payment.idempotency_begin(p_actor, v_key, p_hash, p_reference);
    v_now timestamp := shared.now();
    w payment.withdrawal;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT * INTO w FROM payment.withdrawal x WHERE x.id = p_id FOR UPDATE;
    IF NOT FOUND OR (p_decision = 'cancelled' AND w.account_id <> p_actor) THEN
        PERFORM shared.refuse('not_found');
    ELSIF p_decision <> 'cancelled' AND w.account_id = p_actor THEN
        PERFORM shared.refuse('own_affair');
    ELSIF w.state <> 'requested' THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('withdrawal_status', w.state));
    ELSIF p_decision = 'approved' THEN
        PERFORM 1 FROM payment.payout_identity i WHERE i.id = w.identity_id AND i.state = 'rejected' FOR SHARE;
        IF FOUND THEN
            PERFORM shared.refuse('identity_unchecked', jsonb_build_object('identity_status', 'rejected'));
        END IF;
    END IF;
    UPDATE payment.withdrawal x
    SET state = p_decision, decided_at = v_now, version = x.version + 1,
        decided_by = CASE WHEN p_decision <> 'cancelled' THEN p_actor END,
        bank_reference = CASE p_decision WHEN 'approved' THEN p_text END,
        reason = CASE WHEN p_decision <> 'approved' THEN p_text END
    WHERE x.id = p_id
    RETURNING x.* INTO w;
    IF p_decision <> 'approved' THEN
        PERFORM payment.move_withdrawal_v1(w, 'returned');
    END IF;
    PERFORM payment.tell_withdrawal_v1(w, p_trace);
    PERFORM payment.workflow_signal(p_id, p_decision, p_decision, '{}');
    v_body := payment.withdrawal_json_v1(w, p_decision <> 'cancelled')::text;
    PERFORM payment.idempotency_end(p_actor, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
