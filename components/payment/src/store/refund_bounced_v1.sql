-- A refund that a provider had made has failed there after all, so that the provider has the money again:
-- the payer gets it into the wallet, once, but for what the provider took back of the payment. Of a leg that
-- is on its way it is kept (`refund_pending`): its workflow may have heard before that it is done, and finds
-- this then, see payment.settle_refund_leg_v1.
CREATE OR REPLACE FUNCTION payment.refund_bounced_v1(
    p_provider text, p_leg uuid, p_refund_leg uuid, p_amount bigint, p_currency text, p_reason text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
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
    IF g.state NOT IN ('pending', 'done') THEN
        RETURN 'duplicate';
    ELSIF p_amount IS DISTINCT FROM g.amount OR p_currency IS DISTINCT FROM r.currency THEN
        RETURN 'amount_mismatch';
    ELSIF g.state = 'pending' THEN
        UPDATE payment.refund_leg x SET failed_at = shared.now(), failure = left(p_reason, 500)
        WHERE x.id = g.id AND x.failed_at IS NULL;
        RETURN 'refund_pending';
    END IF;
    PERFORM payment.bounce_refund_leg_v1(g.id, p_reason);
    RETURN 'refund_failed';
END $$;
