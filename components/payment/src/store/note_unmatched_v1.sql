-- Notes money of an attempt that settles nothing, for somebody to decide about: `told_anew_v1` says how much.
-- What the attempt's workflow has made its provider give back already nobody has to decide about: it is
-- `returned`. The caller holds session and leg.
CREATE OR REPLACE FUNCTION payment.note_unmatched_v1(
    l payment.leg, p_event text, p_provider_ref text, p_amount bigint, p_currency text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    -- While it waits or is stuck it has not, or not for sure, and closes the row itself. Given up by an
    -- operator it has ended by that.
    v_given_back boolean := l.state NOT IN ('settled', 'late') AND payment.gives_back_v1(l.provider) AND EXISTS (
        SELECT 1 FROM payment.workflow w
        WHERE w.id = l.id AND (w.status IN ('cancelled', 'failed') OR (w.status IN ('running', 'completed') AND EXISTS (
            SELECT 1 FROM payment.journal j WHERE j.workflow_id = w.id AND j.step = 'close'))));
BEGIN
    INSERT INTO payment.unmatched_payment
        (id, provider, event_id, leg_id, session_id, payer_id, provider_ref, collected, amount, currency, state,
         reason, found_at, decided_at)
    SELECT shared.uuid_v7(), l.provider,
           -- Asked again, the provider may say more by the same.
           CASE WHEN EXISTS (SELECT 1 FROM payment.unmatched_payment u
                             WHERE u.provider = l.provider AND u.event_id = p_event)
                THEN p_event || ':' || (SELECT e.amount FROM payment.provider_event e
                                        WHERE e.provider = l.provider AND e.event_id = p_event)
                ELSE p_event END,
           l.id, s.id, s.payer_id, p_provider_ref, payment.collects_v1(l.provider), p_amount,
           coalesce(left(p_currency, 20), ''), CASE WHEN v_given_back THEN 'returned' ELSE 'open' END,
           CASE WHEN v_given_back THEN 'the attempt was let go before' END, shared.now(),
           CASE WHEN v_given_back THEN shared.now() END
    FROM payment.session s WHERE s.id = l.session_id
    -- The same payment under its name.
    ON CONFLICT DO NOTHING;
END $$;
