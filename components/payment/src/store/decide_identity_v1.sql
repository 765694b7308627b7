-- Staff have looked at an identity: it is `approved`, and the one that counted before has ended; or `rejected`,
-- for `p_reason`, also after it was approved. All of the document's number is forgotten then. Refuses with
-- `not_found`, `own_affair` and `wrong_state` (`identity_status`).
CREATE OR REPLACE FUNCTION payment.decide_identity_v1(
    p_actor uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_id uuid, p_decision text, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := payment.idempotency_begin(p_actor, v_key, p_hash, p_reference);
    v_now timestamp := shared.now();
    i payment.payout_identity;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT * INTO i FROM payment.payout_identity x WHERE x.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF i.account_id = p_actor THEN
        PERFORM shared.refuse('own_affair');
    ELSIF i.state <> 'pending' AND NOT (i.state = 'approved' AND p_decision = 'rejected') THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('identity_status', i.state));
    END IF;
    IF p_decision = 'approved' THEN
        UPDATE payment.payout_identity x SET state = 'ended', decided_at = v_now, version = x.version + 1
        WHERE x.account_id = i.account_id AND x.state = 'approved';
    END IF;
    UPDATE payment.payout_identity x
    SET state = p_decision, reason = p_reason, decided_by = p_actor, decided_at = v_now,
        document_sealed = NULL, version = x.version + 1
    WHERE x.id = p_id
    RETURNING x.* INTO i;
    PERFORM payment.log_identity_v1(i, p_actor, p_decision);
    PERFORM payment.publish('payout.identity_' || p_decision, i.id, i.version, jsonb_strip_nulls(jsonb_build_object(
        'identity_id', i.id, 'account_id', i.account_id,
        'reason', CASE p_decision WHEN 'rejected' THEN coalesce(p_reason, '') END)), p_trace);
    v_body := (payment.payout_identity_json_v1(i, false) || jsonb_build_object('reason', i.reason))::text;
    PERFORM payment.idempotency_end(p_actor, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
