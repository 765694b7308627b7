-- Claims the key of a new attempt at an open session of the payer's, and begins it: the reference is its
-- leg. The one under way is given up. Answers `{"status", "answer"}` of what was answered before, or
-- `{"session", "given_up": […]}` to go on with, as `session_state_v1` and `leg_json_v1` have them; a key
-- taken over from a try that died finds its leg again. Refuses with `wrong_state` (`session_status`),
-- `attempt_limit`, `provider_unusable` (`reason`), or `not_found`.
CREATE OR REPLACE FUNCTION payment.next_attempt_v1(
    p_payer uuid, p_key text, p_hash text, p_reference uuid,
    p_session uuid, p_provider text, p_method uuid, p_return_url text
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_claim jsonb;
    v_leg uuid;
    v_given_up jsonb;
    s payment.session;
BEGIN
    -- Every request brings a reference of its own: who finds it here is this same statement, repeated
    -- because the connection was lost.
    IF EXISTS (SELECT 1 FROM payment.idempotency i
               WHERE i.account_id = p_payer AND i.key = p_key AND i.reference = p_reference
                 AND i.status IS NULL) THEN
        v_claim := jsonb_build_object('reference', p_reference);
    ELSE
        v_claim := payment.idempotency_claim(p_payer, p_key, p_hash, p_reference);
    END IF;
    IF v_claim ? 'status' THEN
        RETURN v_claim;
    END IF;
    v_leg := (v_claim->>'reference')::uuid;
    SELECT * INTO s FROM payment.session x WHERE x.id = p_session AND x.payer_id = p_payer FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF EXISTS (SELECT 1 FROM payment.leg l WHERE l.id = v_leg AND l.session_id = s.id) THEN
        RETURN jsonb_build_object('session', payment.session_state_v1(s), 'given_up', '[]'::jsonb);
    ELSIF s.state <> 'open' OR s.expires_at <= v_now THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object(
            'session_status', CASE s.state WHEN 'open' THEN 'expired' ELSE s.state END));
    ELSIF (SELECT count(*) FROM payment.leg l WHERE l.session_id = s.id AND l.method = 'provider') >= 20 THEN
        PERFORM shared.refuse('attempt_limit');
    END IF;
    WITH given_up AS (
        UPDATE payment.leg l SET state = 'cancelled', reason = 'tried again', updated_at = v_now
        WHERE l.session_id = s.id AND l.method = 'provider' AND l.state IN ('created', 'pending')
        RETURNING l.*
    )
    SELECT coalesce(jsonb_agg(payment.leg_json_v1(g::payment.leg)), '[]') INTO v_given_up FROM given_up g;
    PERFORM payment.start_attempt_v1(s, v_leg, p_provider, p_method, p_return_url);
    UPDATE payment.session x SET provider = p_provider, version = x.version + 1
    WHERE x.id = s.id
    RETURNING x.* INTO s;
    RETURN jsonb_build_object('session', payment.session_state_v1(s), 'given_up', v_given_up);
END $$;
