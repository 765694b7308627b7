-- A provider took money back that it had paid out. It is the platform's loss until somebody decides: the
-- books say so, and `payment.charged_back`. Each event is one such taking.
CREATE OR REPLACE FUNCTION payment.charge_back_v1(
    p_provider text, p_event text, p_leg uuid, p_amount bigint, p_currency text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    s payment.session;
    l payment.leg;
BEGIN
    SELECT x.* INTO s FROM payment.session x
    WHERE x.id = (SELECT y.session_id FROM payment.leg y WHERE y.id = p_leg)
    FOR UPDATE;
    SELECT * INTO l FROM payment.leg x
    WHERE x.id = p_leg AND x.method = 'provider' AND x.provider = p_provider;
    IF NOT FOUND THEN
        RETURN 'unknown_leg';
    ELSIF l.state NOT IN ('settled', 'late') THEN
        RETURN 'ignored';
    ELSIF p_amount IS NULL OR p_amount NOT BETWEEN 1 AND l.amount OR p_currency IS DISTINCT FROM l.currency THEN
        RETURN 'amount_mismatch';
    END IF;
    PERFORM payment.post_v1('chargeback:' || p_provider || ':' || md5(p_event), 'chargeback', s.id,
        jsonb_build_array(
            jsonb_build_object('kind', 'chargebacks', 'currency', l.currency, 'amount', -p_amount),
            jsonb_build_object('kind', 'provider_clearing', 'provider', p_provider, 'currency', l.currency,
                               'amount', p_amount)));
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = s.id RETURNING x.version INTO s.version;
    PERFORM payment.publish('payment.charged_back', s.id, s.version, jsonb_build_object(
        'session_id', s.id, 'payer_id', s.payer_id, 'amount', shared.money(p_amount, l.currency),
        'provider', p_provider));
    RETURN 'charged_back';
END $$;
