-- A refund that a provider had made has failed there after all, so that the provider has the money again:
-- the payer gets it into the wallet, once, but for what the provider took back of the payment. Of a leg that
-- is on its way nothing happens: its workflow asks.
CREATE OR REPLACE FUNCTION payment.refund_bounced_v1(
    p_provider text, p_leg uuid, p_refund_leg uuid, p_amount bigint, p_currency text, p_reason text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_covered bigint;
    r payment.refund;
    g payment.refund_leg;
BEGIN
    PERFORM 1 FROM payment.session s
    WHERE s.id = (SELECT l.session_id FROM payment.leg l WHERE l.id = p_leg)
    FOR UPDATE;
    SELECT x.* INTO r FROM payment.refund x
    WHERE x.id = (SELECT y.refund_id FROM payment.refund_leg y
                  JOIN payment.leg l ON l.id = y.leg_id
                  WHERE y.id = p_refund_leg AND l.id = p_leg AND l.provider = p_provider)
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown_leg';
    END IF;
    SELECT * INTO STRICT g FROM payment.refund_leg x WHERE x.id = p_refund_leg FOR UPDATE;
    IF g.state = 'pending' THEN
        RETURN 'ignored';
    ELSIF g.state <> 'done' THEN
        RETURN 'duplicate';
    ELSIF p_amount IS DISTINCT FROM g.amount OR p_currency IS DISTINCT FROM r.currency THEN
        RETURN 'amount_mismatch';
    END IF;
    v_covered := payment.cover_v1(p_leg, g.amount);
    UPDATE payment.refund_leg x
    SET state = CASE v_covered WHEN g.amount THEN 'charged_back' ELSE 'to_wallet' END,
        reason = left(coalesce(p_reason, 'it failed at the provider'), 500), updated_at = shared.now()
    WHERE x.id = g.id;
    PERFORM payment.post_v1('refund_leg:' || g.id || ':failed', 'refund', r.id, jsonb_build_array(
        jsonb_build_object('kind', 'provider_clearing', 'provider', p_provider, 'currency', r.currency,
                           'amount', -g.amount),
        jsonb_build_object('kind', 'chargebacks', 'currency', r.currency, 'amount', v_covered),
        jsonb_build_object('kind', 'wallet', 'owner', r.payer_id, 'currency', r.currency,
                           'amount', g.amount - v_covered)));
    RETURN 'refund_failed';
END $$;
