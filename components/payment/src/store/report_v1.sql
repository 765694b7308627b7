-- Takes what a provider told of an attempt: `settled`, `failed`, `charged_back`, `reinstated`,
-- `refund_failed` (of `p_refund_leg`) or `other`. The only way in which a leg at a provider settles, whoever
-- asked. Each event counts once; amount and currency have to be right, or nothing moves. Answers what came
-- of it: `settled`, `late`, `duplicate`, `amount_mismatch`, `unknown_leg`, `failed`, `charged_back`,
-- `reinstated`, `refund_failed`, `unmatched_returned` (the provider gave back what settles nothing),
-- `too_early` (it has to be told again) or `ignored`. That is noted beside the event too, where an ignored one
-- may be `reference_taken`, or `refund_pending`: kept until the refund is done; and a duplicate `paid_again`:
-- other money, which is noted as unmatched.
CREATE OR REPLACE FUNCTION payment.report_v1(
    p_provider text, p_event text, p_kind text, p_leg uuid, p_provider_ref text,
    p_amount bigint, p_currency text, p_reason text, p_refund_leg uuid
) RETURNS text
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_outcome text;
BEGIN
    INSERT INTO payment.provider_event
        (provider, event_id, kind, leg_id, amount, currency, outcome, received_at)
    VALUES (p_provider, p_event, p_kind, p_leg, p_amount, left(p_currency, 20), 'unknown_leg', shared.now())
    ON CONFLICT (provider, event_id) DO NOTHING;
    IF NOT FOUND THEN
        -- What was unknown then may be known now, what came too early may be right now, and what was asked for
        -- before may have become more.
        UPDATE payment.provider_event e SET amount = p_amount, currency = left(p_currency, 20)
        WHERE e.provider = p_provider AND e.event_id = p_event
          AND (e.outcome IN ('unknown_leg', 'too_early')
               OR (e.outcome = 'amount_mismatch' AND e.amount < p_amount AND starts_with(p_event, 'status:' || p_leg)));
        IF NOT FOUND THEN
            RETURN 'duplicate';
        END IF;
    END IF;
    v_outcome := CASE p_kind
        WHEN 'settled' THEN payment.take_payment_v1(
            p_provider, p_event, p_leg, p_provider_ref, p_amount, p_currency)
        WHEN 'charged_back' THEN payment.charge_back_v1(p_provider, p_event, p_leg, p_amount, p_currency)
        WHEN 'reinstated' THEN payment.reinstate_v1(p_provider, p_event, p_leg, p_amount, p_currency)
        WHEN 'refund_failed' THEN payment.refund_bounced_v1(
            p_provider, p_leg, p_refund_leg, p_amount, p_currency, p_reason)
        WHEN 'failed' THEN payment.take_failure_v1(p_provider, p_leg, p_reason)
        ELSE 'ignored' END;
    UPDATE payment.provider_event e SET outcome = v_outcome
    WHERE e.provider = p_provider AND e.event_id = p_event AND e.outcome <> v_outcome;
    RETURN CASE WHEN v_outcome IN ('reference_taken', 'refund_pending') THEN 'ignored'
                WHEN v_outcome = 'paid_again' THEN 'duplicate'
                ELSE v_outcome END;
END $$;
