-- Removes at most `p_limit` webhooks that were sent, or given up, a week ago, and as many payments of the
-- sandbox that are half a year old.
CREATE OR REPLACE FUNCTION payment.tidy_sandbox_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_real timestamp := shared.real_now();
    v_rows bigint;
    v_total bigint := 0;
BEGIN
    DELETE FROM payment.sandbox_webhook WHERE id = ANY (ARRAY(
        SELECT w.id FROM payment.sandbox_webhook w
        WHERE w.sent_at < v_real - interval '7 days'
        ORDER BY w.sent_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;
    DELETE FROM payment.sandbox_webhook WHERE id = ANY (ARRAY(
        SELECT w.id FROM payment.sandbox_webhook w
        WHERE w.sent_at IS NULL AND w.tries >= 10 AND w.due_at < v_real - interval '7 days'
        ORDER BY w.due_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;
    DELETE FROM payment.sandbox_payment WHERE id = ANY (ARRAY(
        SELECT x.id FROM payment.sandbox_payment x
        WHERE x.updated_at < shared.now() - interval '180 days'
        ORDER BY x.updated_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows;
END $$;
