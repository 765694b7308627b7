-- A provider that collects transfers has given one back. Where that is money of the attempt that settles
-- nothing it is not the attempt's payment, and the row is voided, once: what waits is `returned`, for nobody
-- has to decide any more, and nothing is posted. What is in the payer's wallet already is the platform's loss.
-- The transfer that the provider names goes first; where nobody has told of it by that name, one of the same
-- amount and currency. Answers `unmatched_returned`, `charged_back` (of what is in the wallet),
-- `amount_mismatch` (of another amount than that transfer), or NULL where it is no such money. The caller
-- holds session and leg.
CREATE OR REPLACE FUNCTION payment.void_unmatched_v1(
    l payment.leg, p_event text, p_amount bigint, p_currency text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_paid boolean := l.state IN ('settled', 'late');
    v_currency text := coalesce(left(p_currency, 20), '');
    -- What told of the same transfer when it came in.
    v_told text := regexp_replace(p_event, '^[^:]*:', 'ORDER_PAID:');
    s payment.session;
    u payment.unmatched_payment;
BEGIN
    -- Nobody decides meanwhile.
    PERFORM 1 FROM payment.unmatched_payment x WHERE x.leg_id = l.id ORDER BY x.id FOR UPDATE;
    SELECT * INTO u FROM payment.unmatched_payment x
    WHERE x.leg_id = l.id AND x.event_id = v_told AND x.voided_by IS NULL;
    IF FOUND THEN
        IF (u.amount, u.currency) IS DISTINCT FROM (p_amount, v_currency) THEN
            RETURN 'amount_mismatch';
        END IF;
    ELSIF v_paid AND EXISTS (
        SELECT 1 FROM payment.provider_event e
        WHERE e.provider = l.provider AND e.event_id = v_told AND e.leg_id = l.id
          AND e.outcome IN ('settled', 'late', 'duplicate')) THEN
        -- The attempt's own payment.
        RETURN NULL;
    ELSE
        SELECT * INTO u FROM payment.unmatched_payment x
        WHERE x.leg_id = l.id AND x.amount = p_amount AND x.currency = v_currency AND x.voided_by IS NULL
          AND (x.state IN ('open', 'returned') OR (x.state = 'credited' AND NOT v_paid))
        -- What staff have given back by hand was to be heard of.
        ORDER BY CASE x.state WHEN 'returned' THEN 1 WHEN 'open' THEN 2 ELSE 3 END, x.found_at, x.id
        LIMIT 1;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    UPDATE payment.unmatched_payment x
    SET voided_by = p_event, state = CASE x.state WHEN 'open' THEN 'returned' ELSE x.state END,
        reason = coalesce(x.reason, 'the provider gave it back'),
        decided_at = coalesce(x.decided_at, shared.now())
    WHERE x.id = u.id
    RETURNING x.* INTO u;
    IF u.state <> 'credited' THEN
        RETURN 'unmatched_returned';
    END IF;
    PERFORM payment.post_v1('voided:' || u.id, 'chargeback', u.id, jsonb_build_array(
        jsonb_build_object('kind', 'chargebacks', 'currency', u.currency, 'amount', -u.amount),
        jsonb_build_object('kind', 'provider_clearing', 'provider', u.provider, 'currency', u.currency,
                           'amount', u.amount)));
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = u.session_id RETURNING x.* INTO s;
    PERFORM payment.publish('payment.charged_back', s.id, s.version, jsonb_build_object(
        'session_id', s.id, 'payer_id', s.payer_id, 'amount', shared.money(u.amount, u.currency),
        'provider', u.provider));
    RETURN 'charged_back';
END $$;
