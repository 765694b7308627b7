-- A provider says that an attempt is paid. It settles the leg while the session is open and no other
-- attempt is under way or paid: the first of the payer's attempts that pays is as good as the newest. What
-- comes otherwise is late. Money that is not what was asked for, or that comes once more for what is paid,
-- settles nothing: it is noted as unmatched, once, whoever tells of it.
CREATE OR REPLACE FUNCTION payment.take_payment_v1(
    p_provider text, p_event text, p_leg uuid, p_provider_ref text, p_amount bigint, p_currency text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    s payment.session;
    l payment.leg;
    v_new bigint;
BEGIN
    SELECT x.* INTO s FROM payment.session x
    WHERE x.id = (SELECT y.session_id FROM payment.leg y WHERE y.id = p_leg)
    FOR UPDATE;
    SELECT * INTO l FROM payment.leg x
    WHERE x.id = p_leg AND x.method = 'provider' AND x.provider = p_provider
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown_leg';
    ELSIF EXISTS (SELECT 1 FROM payment.leg x
                  WHERE x.provider = p_provider AND x.provider_ref = p_provider_ref AND x.id <> l.id) THEN
        -- One payment cannot settle two legs.
        RETURN CASE WHEN l.state IN ('settled', 'late') THEN 'duplicate'
                    WHEN p_amount IS DISTINCT FROM l.amount OR p_currency IS DISTINCT FROM l.currency
                    THEN 'amount_mismatch' ELSE 'reference_taken' END;
    END IF;
    v_new := payment.told_anew_v1(l, p_event, p_provider_ref, p_amount, p_currency);
    IF l.state IN ('settled', 'late') OR v_new < l.amount
       OR p_amount IS DISTINCT FROM l.amount OR p_currency IS DISTINCT FROM l.currency THEN
        IF v_new > 0 THEN
            PERFORM payment.note_unmatched_v1(l, p_event, p_provider_ref, v_new, p_currency);
        END IF;
        RETURN CASE WHEN l.state NOT IN ('settled', 'late') THEN 'amount_mismatch'
                    WHEN v_new > 0 THEN 'paid_again' ELSE 'duplicate' END;
    END IF;
    UPDATE payment.unmatched_payment u SET state = 'settled', decided_at = v_now
    WHERE u.provider = p_provider AND u.provider_ref = p_provider_ref AND NOT u.collected AND u.state = 'open';
    PERFORM payment.post_v1('leg:' || l.id || ':settled', 'payment', s.id, jsonb_build_array(
        jsonb_build_object('kind', 'provider_clearing', 'provider', p_provider, 'currency', l.currency,
                           'amount', -l.amount),
        jsonb_build_object('kind', 'session_funds', 'owner', s.id, 'currency', l.currency, 'amount', l.amount)));
    IF s.state <> 'open' OR EXISTS (
        SELECT 1 FROM payment.leg x
        WHERE x.session_id = s.id AND x.method = 'provider' AND x.id <> l.id
          AND x.state IN ('created', 'pending', 'settled')) THEN
        PERFORM payment.give_back_late_v1(l.id, p_provider_ref);
        RETURN 'late';
    END IF;
    UPDATE payment.leg x
    SET state = 'settled', provider_ref = coalesce(p_provider_ref, x.provider_ref), settled_at = v_now,
        updated_at = v_now
    WHERE x.id = l.id;
    UPDATE payment.session x SET settled = x.settled + l.amount WHERE x.id = s.id;
    PERFORM payment.settle_v1(s.id);
    RETURN 'settled';
END $$;
