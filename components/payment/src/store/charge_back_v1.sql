-- A provider took money back that it had paid out; each event is one such taking. It is the platform's loss
-- until somebody decides, and the books say so even of what was refunded before. What is held for the
-- session's orders freezes, and `payment.charged_back` says so. More than the payment cannot be gone. Where a
-- provider collects transfers, what it gave back may be one that settles nothing, and that goes first.
CREATE OR REPLACE FUNCTION payment.charge_back_v1(
    p_provider text, p_event text, p_leg uuid, p_amount bigint, p_currency text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    s payment.session;
    l payment.leg;
    v_unmatched text;
BEGIN
    l := payment.hold_leg_v1(p_provider, p_leg);
    IF l.id IS NULL THEN
        RETURN 'unknown_leg';
    END IF;
    IF payment.collects_v1(p_provider) THEN
        v_unmatched := payment.void_unmatched_v1(l, p_event, p_amount, p_currency);
        IF v_unmatched IS NOT NULL THEN
            RETURN v_unmatched;
        END IF;
    END IF;
    IF l.state NOT IN ('settled', 'late') THEN
        RETURN 'ignored';
    ELSIF p_amount IS NULL OR p_amount NOT BETWEEN 1 AND l.amount - (l.charged_back - l.recovered)
          OR p_currency IS DISTINCT FROM l.currency THEN
        RETURN 'amount_mismatch';
    END IF;
    PERFORM payment.post_v1('chargeback:' || p_provider || ':' || md5(p_event), 'chargeback', l.session_id,
        jsonb_build_array(
            jsonb_build_object('kind', 'chargebacks', 'currency', l.currency, 'amount', -p_amount),
            jsonb_build_object('kind', 'provider_clearing', 'provider', p_provider, 'currency', l.currency,
                               'amount', p_amount)));
    -- What it gave back before, of what refunds had covered, goes first.
    UPDATE payment.leg x
    SET charged_back = x.charged_back + p_amount - least(p_amount, x.recovered),
        recovered = x.recovered - least(p_amount, x.recovered), updated_at = v_now
    WHERE x.id = l.id;
    IF EXISTS (SELECT 1 FROM payment.leg x WHERE x.session_id = l.session_id AND x.charged_back > x.covered) THEN
        UPDATE payment.escrow e SET frozen_at = v_now, version = e.version + 1, updated_at = v_now
        WHERE e.session_id = l.session_id AND e.state = 'held' AND e.frozen_at IS NULL;
    END IF;
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = l.session_id RETURNING x.* INTO s;
    PERFORM payment.publish('payment.charged_back', s.id, s.version, jsonb_build_object(
        'session_id', s.id, 'payer_id', s.payer_id, 'amount', shared.money(p_amount, l.currency),
        'provider', p_provider));
    RETURN 'charged_back';
END $$;
