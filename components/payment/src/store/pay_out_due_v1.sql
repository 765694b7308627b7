-- Withdraws what one person has whose schedule is due, as they could themselves, and sets its next day: so each
-- day of a schedule asks once. Days that passed while nobody looked count as one. Where less than the minimum is
-- there, or another withdrawal is open, nothing happens until the next day, nor while the account is suspended;
-- neither where no identity is approved or there is no bank account, and that they are told, once until it has
-- worked again.
--
-- One at a time: whoever holds a wallet here holds no other. False: none is due.
CREATE OR REPLACE FUNCTION payment.pay_out_due_v1() RETURNS boolean
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_amount bigint;
    v_refused text;
    v_missing text;
    s payment.payout_schedule;
BEGIN
    SELECT * INTO s FROM payment.payout_schedule x
    WHERE x.due_on <= v_now::date AND (x.retry_at IS NULL OR x.retry_at <= shared.real_now())
    ORDER BY x.due_on LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    v_amount := CASE
        WHEN EXISTS (SELECT FROM payment.suspension x WHERE x.account_id = s.account_id AND x.suspended) THEN 0
        ELSE payment.balance_v1('wallet', s.account_id, s.currency) END;
    BEGIN
        IF v_amount > 0 THEN
            PERFORM payment.request_withdrawal_v1(
                shared.uuid_v7(), s.account_id, NULL, NULL, v_amount, s.currency, s.due_on);
        END IF;
    EXCEPTION
        WHEN SQLSTATE 'ST001' THEN
            v_refused := SQLERRM;
        WHEN OTHERS THEN
            -- Nobody waits for this one; the others do.
            RAISE WARNING 'the payout of schedule %: % %', s.id, SQLSTATE, SQLERRM;
            v_refused := 'failed';
    END;
    -- Something was spent meanwhile, or failed: a moment later it is asked for again.
    IF v_refused IN ('insufficient_funds', 'failed') THEN
        UPDATE payment.payout_schedule x SET retry_at = shared.real_now() + interval '1 minute' WHERE x.id = s.id;
        RETURN true;
    END IF;
    IF v_refused IN ('identity_unchecked', 'bank_account_missing') THEN
        v_missing := v_refused;
    END IF;
    UPDATE payment.payout_schedule x
    SET due_on = payment.payout_day_v1(s.every, s.day, v_now::date), retry_at = NULL, version = x.version + 1,
        told = CASE WHEN v_missing IS NOT NULL THEN v_missing
                    WHEN v_refused IS NULL AND v_amount > 0 THEN NULL ELSE x.told END
    WHERE x.id = s.id;
    IF v_missing IS DISTINCT FROM s.told AND v_missing IS NOT NULL THEN
        PERFORM payment.publish('payout.skipped', s.id, s.version + 1, jsonb_build_object(
            'schedule_id', s.id, 'account_id', s.account_id, 'amount', shared.money(v_amount, s.currency),
            'missing', v_missing));
    END IF;
    RETURN true;
END $$;
