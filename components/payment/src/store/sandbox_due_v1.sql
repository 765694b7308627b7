-- At most `p_limit` webhooks whose time has come, `[{"id", "body"}]`, for whoever calls to send within
-- `p_lease_ms`; what is not marked as sent is due again after that, and each time later. After ten tries
-- the sandbox gives up, as others do.
CREATE OR REPLACE FUNCTION payment.sandbox_due_v1(p_limit integer, p_lease_ms integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_real timestamp := shared.real_now();
    v_webhooks jsonb;
BEGIN
    WITH due AS MATERIALIZED (
        SELECT w.id FROM payment.sandbox_webhook w
        WHERE w.sent_at IS NULL AND w.due_at <= v_real AND w.tries < 10
        ORDER BY w.due_at LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE payment.sandbox_webhook w
        SET tries = w.tries + 1,
            due_at = v_real + make_interval(secs => p_lease_ms / 1000.0 * (w.tries + 1))
        FROM due WHERE w.id = due.id
        RETURNING w.id, w.body
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'body', t.body) ORDER BY t.id), '[]')
    INTO v_webhooks FROM taken t;
    RETURN v_webhooks;
END $$;
