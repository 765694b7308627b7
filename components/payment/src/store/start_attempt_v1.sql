-- An attempt of a session at a provider: the leg, and the workflow that asks what became of it when its
-- time is over. Refuses with `provider_unusable` (`reason`) a saved method that is not the payer's there.
CREATE OR REPLACE FUNCTION payment.start_attempt_v1(
    s payment.session, p_leg uuid, p_provider text, p_method uuid, p_return_url text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_expires timestamp := least(v_now + interval '15 minutes', s.expires_at);
BEGIN
    IF p_provider = 'cod' THEN
        -- A checkout that is paid at the door has no session.
        PERFORM shared.refuse('provider_unusable', jsonb_build_object(
            'reason', 'cash on delivery cannot be combined with another way to pay'));
    ELSIF p_method IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payment.saved_method m
        WHERE m.id = p_method AND m.account_id = s.payer_id AND m.provider = p_provider
          AND m.deleted_at IS NULL) THEN
        PERFORM shared.refuse('provider_unusable', jsonb_build_object(
            'reason', 'there is no such saved method of yours at ' || p_provider));
    END IF;
    INSERT INTO payment.leg
        (id, session_id, position, method, provider, currency, amount, state, method_id, return_url,
         created_at, expires_at, updated_at)
    SELECT p_leg, s.id, coalesce(max(l.position), 0) + 1, 'provider', p_provider, s.currency,
           s.total - s.settled, 'created', p_method, coalesce(p_return_url, s.return_url),
           v_now, v_expires, v_now
    FROM payment.leg l WHERE l.session_id = s.id;
    PERFORM payment.workflow_start(
        p_leg, 'attempt', 1, s.payer_id, jsonb_build_object('leg_id', p_leg), NULL, 0);
END $$;
