-- A provider gave back what it had taken; each event is one such giving. The books say the reverse of what
-- they said of the taking. Once nothing is missing of the session that no refund covers, its escrows thaw,
-- and those whose orders are complete are paid out. More than is gone cannot come back: it is `too_early`, and
-- has to be told again, for the taking of it may not have been heard of yet.
--
-- Of what refunds were set off against, nothing is undone: they are done. Such money, which comes last, is
-- `recovered`, and the platform's until somebody decides. So of every leg
--     charged_back - recovered  is what its postings `chargeback:…` and `reinstated:…` come to, and
--     covered                   what its refunds' postings `refund_leg:…` gave to `chargebacks`,
-- and of all legs the account `chargebacks` is covered + recovered - charged_back. `ledger check` counts so.
CREATE OR REPLACE FUNCTION payment.reinstate_v1(
    p_provider text, p_event text, p_leg uuid, p_amount bigint, p_currency text
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    l payment.leg;
    v_counts bigint;
BEGIN
    l := payment.hold_leg_v1(p_provider, p_leg);
    IF l.id IS NULL THEN
        RETURN 'unknown_leg';
    ELSIF l.state NOT IN ('settled', 'late') THEN
        RETURN 'ignored';
    ELSIF p_amount IS NULL OR p_amount NOT BETWEEN 1 AND l.amount OR p_currency IS DISTINCT FROM l.currency THEN
        RETURN 'amount_mismatch';
    ELSIF p_amount > l.charged_back - l.recovered THEN
        RETURN 'too_early';
    END IF;
    PERFORM payment.post_v1('reinstated:' || p_provider || ':' || md5(p_event), 'chargeback', l.session_id,
        jsonb_build_array(
            jsonb_build_object('kind', 'chargebacks', 'currency', l.currency, 'amount', p_amount),
            jsonb_build_object('kind', 'provider_clearing', 'provider', p_provider, 'currency', l.currency,
                               'amount', -p_amount)));
    v_counts := least(p_amount, l.charged_back - l.covered);
    UPDATE payment.leg x
    SET charged_back = x.charged_back - v_counts, recovered = x.recovered + p_amount - v_counts,
        updated_at = shared.now()
    WHERE x.id = l.id;
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = l.session_id;
    IF NOT EXISTS (SELECT 1 FROM payment.leg x WHERE x.session_id = l.session_id AND x.charged_back > x.covered) THEN
        PERFORM payment.thaw_session_v1(l.session_id);
    END IF;
    RETURN 'reinstated';
END $$;
