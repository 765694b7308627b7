-- Staff decide about money that settles nothing: it is `credited` to the payer's wallet, against what the
-- provider owes, or `returned`, at the provider and by somebody's hand, and nothing is posted. The first
-- decision counts. Answers what it is now. Refuses with `not_found`, `own_affair`, `balance_limit` and
-- `wrong_state` (`unmatched_status`; `attempt_status` where the provider gives it back by itself, or has when
-- an operator gave the attempt up).
CREATE OR REPLACE FUNCTION payment.decide_unmatched_v1(
    p_actor uuid, p_key text, p_hash text, p_reference uuid, p_id uuid, p_decision text, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb := payment.idempotency_begin(p_actor, p_key, p_hash, p_reference);
    v_attempt text;
    u payment.unmatched_payment;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT * INTO u FROM payment.unmatched_payment x WHERE x.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF u.payer_id = p_actor THEN
        PERFORM shared.refuse('own_affair');
    ELSIF u.state <> 'open' THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('unmatched_status', u.state));
    ELSIF p_decision = 'credited' AND payment.gives_back_v1(u.provider) THEN
        SELECT w.status INTO v_attempt FROM payment.workflow w
        WHERE w.id = u.leg_id AND w.status <> 'completed';
        IF FOUND THEN
            PERFORM shared.refuse('wrong_state', jsonb_build_object(
                'unmatched_status', u.state, 'attempt_status', v_attempt));
        END IF;
    END IF;
    UPDATE payment.unmatched_payment x
    SET state = p_decision, decided_by = p_actor, reason = p_reason, decided_at = shared.now()
    WHERE x.id = p_id
    RETURNING x.* INTO u;
    IF p_decision = 'credited' THEN
        PERFORM payment.post_v1('unmatched:' || u.id, 'unmatched', u.id, jsonb_build_array(
            jsonb_build_object('kind', 'provider_clearing', 'provider', u.provider, 'currency', u.currency,
                               'amount', -u.amount),
            jsonb_build_object('kind', 'wallet', 'owner', u.payer_id, 'currency', u.currency,
                               'amount', u.amount)),
            p_actor, p_reason);
    END IF;
    v_body := payment.unmatched_json_v1(u)::text;
    PERFORM payment.idempotency_end(p_actor, p_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
