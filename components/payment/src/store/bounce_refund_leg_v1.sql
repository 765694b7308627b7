-- A part of a refund that is `done` has failed at its provider after all: to the wallet with it, but for what
-- the provider took back of the payment. The caller holds session, refund and part.
CREATE OR REPLACE FUNCTION payment.bounce_refund_leg_v1(p_refund_leg uuid, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_covered bigint;
    r payment.refund;
    g payment.refund_leg;
    l payment.leg;
BEGIN
    SELECT * INTO STRICT g FROM payment.refund_leg x WHERE x.id = p_refund_leg AND x.state = 'done';
    SELECT * INTO STRICT r FROM payment.refund x WHERE x.id = g.refund_id;
    SELECT * INTO STRICT l FROM payment.leg x WHERE x.id = g.leg_id;
    v_covered := payment.cover_v1(l.id, g.amount);
    UPDATE payment.refund_leg x
    SET state = CASE v_covered WHEN g.amount THEN 'charged_back' ELSE 'to_wallet' END,
        reason = left(coalesce(p_reason, 'it failed at the provider'), 500), updated_at = shared.now()
    WHERE x.id = g.id;
    PERFORM payment.post_v1('refund_leg:' || g.id || ':failed', 'refund', r.id, jsonb_build_array(
        jsonb_build_object('kind', 'provider_clearing', 'provider', l.provider, 'currency', r.currency,
                           'amount', -g.amount),
        jsonb_build_object('kind', 'chargebacks', 'currency', r.currency, 'amount', v_covered),
        jsonb_build_object('kind', 'wallet', 'owner', r.payer_id, 'currency', r.currency,
                           'amount', g.amount - v_covered)));
END $$;
