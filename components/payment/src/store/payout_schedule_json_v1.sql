-- A schedule as the API shows it.
CREATE OR REPLACE FUNCTION payment.payout_schedule_json_v1(s payment.payout_schedule) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'currency', s.currency, 'every', s.every, 'day', s.day,
        'due_on', to_char(s.due_on, 'YYYY-MM-DD'), 'missing', s.told,
        'updated_at', shared.rfc3339(s.updated_at));
END $$;
