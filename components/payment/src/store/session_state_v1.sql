-- How a session stands, for the module's own code, with its newest attempt and all that the provider has
-- to know of it.
CREATE OR REPLACE FUNCTION payment.session_state_v1(s payment.session) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_attempt payment.leg;
BEGIN
    SELECT * INTO v_attempt FROM payment.leg l
    WHERE l.session_id = s.id AND l.method = 'provider' ORDER BY l.position DESC LIMIT 1;
    RETURN jsonb_build_object(
        'id', s.id, 'state', s.state, 'payer_id', s.payer_id, 'currency', s.currency,
        'total', coalesce(s.total, 0),
        'outstanding', CASE s.state WHEN 'open' THEN s.total - s.settled ELSE 0 END,
        'from_wallet', coalesce((SELECT l.amount FROM payment.leg l
                                 WHERE l.session_id = s.id AND l.method = 'wallet'), 0),
        'pay_url', CASE WHEN s.state = 'open' AND v_attempt.state = 'pending' THEN v_attempt.pay_url END,
        'attempt', CASE WHEN v_attempt.id IS NOT NULL THEN payment.leg_json_v1(v_attempt) || jsonb_build_object(
            'return_url', v_attempt.return_url,
            'method_token', (SELECT m.token FROM payment.saved_method m WHERE m.id = v_attempt.method_id)) END);
END $$;
