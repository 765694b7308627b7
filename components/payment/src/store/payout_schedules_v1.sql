-- Somebody's schedules, by currency: an array.
CREATE OR REPLACE FUNCTION payment.payout_schedules_v1(p_account uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(payment.payout_schedule_json_v1(s) ORDER BY s.currency), '[]')::text
            FROM payment.payout_schedule s WHERE s.account_id = p_account);
END $$;
