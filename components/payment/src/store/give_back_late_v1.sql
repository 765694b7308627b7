-- Money that came by a leg whose session wants no more, and is in the session's funds: all of it goes back
-- to where it came from. The caller holds the session.
CREATE OR REPLACE FUNCTION payment.give_back_late_v1(p_leg uuid, p_provider_ref text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_refund uuid := shared.uuid_v7();
    s payment.session;
    l payment.leg;
BEGIN
    UPDATE payment.leg x
    SET state = 'late', provider_ref = coalesce(p_provider_ref, x.provider_ref), settled_at = v_now,
        refunded = x.amount, updated_at = v_now
    WHERE x.id = p_leg
    RETURNING x.* INTO STRICT l;
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = l.session_id RETURNING x.* INTO STRICT s;
    INSERT INTO payment.refund
        (id, reference, session_id, payer_id, currency, amount, destination, reason, state, requested_at)
    VALUES (v_refund, 'leg:' || l.id || ':late', s.id, s.payer_id, l.currency, l.amount, 'original',
            'paid too late', 'pending', v_now);
    INSERT INTO payment.refund_leg (id, refund_id, leg_id, position, amount, state, updated_at)
    VALUES (shared.uuid_v7(), v_refund, l.id, 1, l.amount, 'pending', v_now);
    PERFORM payment.start_refund_v1(v_refund, NULL);
    PERFORM payment.publish('payment.late', s.id, s.version, jsonb_build_object(
        'session_id', s.id, 'payer_id', s.payer_id, 'amount', shared.money(l.amount, l.currency),
        'provider', l.provider));
END $$;
