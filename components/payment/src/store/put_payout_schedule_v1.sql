-- Sets when what somebody has in a currency is withdrawn by itself: from its next day on, and not today. What is
-- missing then they are told anew.
CREATE OR REPLACE FUNCTION payment.put_payout_schedule_v1(
    p_account uuid, p_currency text, p_every text, p_day integer
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    s payment.payout_schedule;
BEGIN
    INSERT INTO payment.payout_schedule AS x (id, account_id, currency, every, day, due_on, updated_at)
    VALUES (shared.uuid_v7(), p_account, p_currency, p_every, p_day,
            payment.payout_day_v1(p_every, p_day, v_now::date), v_now)
    ON CONFLICT (account_id, currency) DO UPDATE
    SET every = excluded.every, day = excluded.day, due_on = excluded.due_on, told = NULL, retry_at = NULL,
        version = x.version + 1, updated_at = excluded.updated_at
    RETURNING x.* INTO s;
    RETURN payment.payout_schedule_json_v1(s)::text;
END $$;
