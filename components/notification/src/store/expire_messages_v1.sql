-- Forgets what is secret in letters whose time is over, at most `p_limit` of them. Those that were still
-- to be sent are dead. One that is being sent is left to its sender. Returns how many.
CREATE OR REPLACE FUNCTION notification.expire_messages_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_rows bigint;
BEGIN
    UPDATE notification.message m
    SET sealed = NULL, lease = NULL, state = 'dead', reason = coalesce(m.reason, 'expired'),
        ended_at = coalesce(m.ended_at, v_now)
    WHERE m.id = ANY (ARRAY(
        SELECT x.id FROM notification.message x
        WHERE x.sealed IS NOT NULL AND x.expires_at <= v_now AND (x.lease IS NULL OR x.due_at <= v_now)
        ORDER BY x.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
