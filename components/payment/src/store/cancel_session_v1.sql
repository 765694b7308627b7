-- Closes an unpaid session: the wallet gets its share back, attempts are given up. `p_expired` says whether
-- time did it. May be repeated; an unknown one leaves a tombstone. `{"closed": false}` of a settled one,
-- otherwise `{"closed": true, "attempts": […]}`, with the one that this call has given up, if there was one:
-- its provider should know. What of that gets lost is for the attempt's workflow.
CREATE OR REPLACE FUNCTION payment.cancel_session_v1(p_session uuid, p_expired boolean, p_reason text)
RETURNS jsonb
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_state text := CASE WHEN p_expired THEN 'expired' ELSE 'cancelled' END;
    v_reason text := left(p_reason, 500);
    v_wallet bigint;
    v_attempt payment.leg;
    s payment.session;
BEGIN
    INSERT INTO payment.session (id, state, reason, opened_at, closed_at)
    VALUES (p_session, v_state, v_reason, v_now, v_now)
    ON CONFLICT (id) DO NOTHING;
    IF FOUND THEN
        RETURN '{"closed": true, "attempts": []}';
    END IF;
    SELECT * INTO STRICT s FROM payment.session x WHERE x.id = p_session FOR UPDATE;
    IF s.state = 'settled' THEN
        RETURN '{"closed": false, "attempts": []}';
    ELSIF s.state = 'open' THEN
        UPDATE payment.leg l SET state = 'cancelled', reason = v_reason, updated_at = v_now
        WHERE l.session_id = s.id AND l.method = 'provider' AND l.state IN ('created', 'pending')
        RETURNING l.* INTO v_attempt;
        -- Nothing but the wallet's share can be there: a settled attempt would have settled the session.
        UPDATE payment.leg l SET refunded = l.amount, updated_at = v_now
        WHERE l.session_id = s.id AND l.method = 'wallet' AND l.state = 'settled'
        RETURNING l.amount INTO v_wallet;
        IF v_wallet IS NOT NULL THEN
            PERFORM payment.post_v1('session:' || s.id || ':given_back', 'cancellation', s.id, jsonb_build_array(
                jsonb_build_object('kind', 'session_funds', 'owner', s.id, 'currency', s.currency,
                                   'amount', -v_wallet),
                jsonb_build_object('kind', 'wallet', 'owner', s.payer_id, 'currency', s.currency,
                                   'amount', v_wallet)));
        END IF;
        UPDATE payment.session x
        SET state = v_state, reason = v_reason, refunded = x.settled, closed_at = v_now, version = x.version + 1
        WHERE x.id = s.id
        RETURNING x.* INTO s;
        IF p_expired THEN
            PERFORM payment.publish('payment.expired', s.id, s.version, jsonb_build_object(
                'session_id', s.id, 'payer_id', s.payer_id, 'total', shared.money(s.total, s.currency)));
        END IF;
    END IF;
    RETURN jsonb_build_object('closed', true, 'attempts', CASE WHEN v_attempt.id IS NULL THEN '[]'
        ELSE jsonb_build_array(payment.leg_json_v1(v_attempt)) END);
END $$;
