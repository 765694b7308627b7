-- Takes one leg of a refund out of the session's funds: `done`, to where it came from, or `to_wallet`. What
-- the provider took back of the payment never comes to the wallet: the leg is `charged_back` where that is
-- all of it. What is `done` and of which the provider has told meanwhile that it failed comes to the wallet at
-- once, as it would have by that news. The last one ends the refund, which `payment.refunded` says. Nothing
-- happens to a leg that is settled.
CREATE OR REPLACE FUNCTION payment.settle_refund_leg_v1(
    p_refund_leg uuid, p_state text, p_provider_ref text, p_reason text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_to_wallet boolean;
    v_covered bigint := 0;
    r payment.refund;
    g payment.refund_leg;
    l payment.leg;
BEGIN
    SELECT x.* INTO r FROM payment.refund x
    WHERE x.id = (SELECT y.refund_id FROM payment.refund_leg y WHERE y.id = p_refund_leg);
    IF NOT FOUND THEN
        RAISE invalid_parameter_value USING MESSAGE = 'there is no leg ' || p_refund_leg || ' of a refund';
    END IF;
    PERFORM 1 FROM payment.session s WHERE s.id = r.session_id FOR UPDATE;
    PERFORM 1 FROM payment.refund x WHERE x.id = r.id FOR UPDATE;
    SELECT * INTO g FROM payment.refund_leg x WHERE x.id = p_refund_leg AND x.state = 'pending' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO STRICT l FROM payment.leg x WHERE x.id = g.leg_id;
    v_to_wallet := p_state = 'to_wallet' OR l.method = 'wallet';
    IF v_to_wallet THEN
        v_covered := payment.cover_v1(l.id, g.amount);
    END IF;
    UPDATE payment.refund_leg x
    SET state = CASE v_covered WHEN g.amount THEN 'charged_back' ELSE p_state END,
        provider_ref = p_provider_ref, reason = left(p_reason, 500), updated_at = v_now
    WHERE x.id = g.id;
    PERFORM payment.post_v1('refund_leg:' || g.id, 'refund', r.id, jsonb_build_array(
        jsonb_build_object('kind', 'session_funds', 'owner', r.session_id, 'currency', r.currency,
                           'amount', -g.amount),
        jsonb_build_object('kind', 'chargebacks', 'currency', r.currency, 'amount', v_covered),
        CASE WHEN v_to_wallet
             THEN jsonb_build_object('kind', 'wallet', 'owner', r.payer_id, 'currency', r.currency,
                                     'amount', g.amount - v_covered)
             ELSE jsonb_build_object('kind', 'provider_clearing', 'provider', l.provider,
                                     'currency', r.currency, 'amount', g.amount) END));
    IF NOT v_to_wallet AND g.failed_at IS NOT NULL THEN
        PERFORM payment.bounce_refund_leg_v1(g.id, g.failure);
    END IF;
    IF NOT EXISTS (SELECT 1 FROM payment.refund_leg x WHERE x.refund_id = r.id AND x.state = 'pending') THEN
        PERFORM payment.end_refund_v1(r.id);
    END IF;
END $$;
