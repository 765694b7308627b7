-- How much of what an event says was paid is money that nobody has told of before: not in the attempt's
-- payment, and not among what is unmatched. The event is noted, and the caller holds session and leg; what is
-- unmatched under the same name is locked here, so that nobody decides about it meanwhile.
CREATE OR REPLACE FUNCTION payment.told_anew_v1(
    l payment.leg, p_event text, p_provider_ref text, p_amount bigint, p_currency text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_paid boolean := l.state IN ('settled', 'late');
    v_currency text := coalesce(left(p_currency, 20), '');
    v_told numeric;
    v_known numeric;
BEGIN
    IF coalesce(p_amount, 0) <= 0 THEN
        RETURN 0;
    ELSIF NOT payment.collects_v1(l.provider) THEN
        IF v_paid THEN
            RETURN CASE WHEN p_provider_ref <> l.provider_ref THEN p_amount ELSE 0 END;
        END IF;
        -- What somebody has decided about does not pay for anything any more.
        PERFORM 1 FROM payment.unmatched_payment u
        WHERE u.provider = l.provider AND u.provider_ref = p_provider_ref AND NOT u.collected
        FOR UPDATE;
        RETURN CASE WHEN EXISTS (
            SELECT 1 FROM payment.unmatched_payment u
            WHERE u.provider = l.provider AND u.provider_ref = p_provider_ref AND NOT u.collected
              AND u.state <> 'open') THEN 0 ELSE p_amount END;
    END IF;
    -- Of the sum that was heard when it was asked, and of what it told by itself, each may be behind.
    SELECT greatest(sum(e.amount) FILTER (WHERE NOT x.asked), max(e.amount) FILTER (WHERE x.asked)) INTO v_told
    FROM payment.provider_event e
    CROSS JOIN LATERAL (SELECT starts_with(e.event_id, 'status:' || l.id) AS asked) x
    WHERE e.leg_id = l.id AND e.provider = l.provider AND e.kind = 'settled' AND e.currency = v_currency
      AND e.amount > 0 AND (e.outcome <> 'unknown_leg' OR e.event_id = p_event);
    SELECT coalesce(sum(u.amount), 0) + CASE WHEN v_paid AND l.currency = v_currency THEN l.amount ELSE 0 END
    INTO v_known
    FROM payment.unmatched_payment u WHERE u.leg_id = l.id AND u.currency = v_currency;
    RETURN greatest(least(coalesce(v_told, 0) - v_known, p_amount), 0);
END $$;
