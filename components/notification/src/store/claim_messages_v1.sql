-- Takes letters that are due under a lease, at most `p_limit`, and at most four of those that were tried before:
-- they are sent one after another, and all have to fit into the lease. The try is counted now, so that a
-- letter that brings its sender down does not do so for ever. Answers
-- `[{"id", "lease", "channel", "template", "locale", "data", "sealed", "tries"}]`, the longest due first.
CREATE OR REPLACE FUNCTION notification.claim_messages_v1(p_limit integer, p_lease_ms integer) RETURNS jsonb
LANGUAGE plpgsql
-- By the indexes of what is due, which are short (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_claimed jsonb;
BEGIN
    PERFORM notification.expire_messages_v1(p_limit);

    -- Whoever tried them last never said how it went.
    UPDATE notification.message m
    SET state = 'dead', reason = 'gave_up', error = coalesce(m.error, 'its senders did not come back'),
        lease = NULL, ended_at = v_now
    WHERE m.id = ANY (ARRAY(
        SELECT x.id FROM notification.message x
        WHERE x.state = 'queued' AND x.due_at <= v_now AND x.tries >= 10
        ORDER BY x.due_at LIMIT p_limit FOR UPDATE SKIP LOCKED));

    WITH again AS MATERIALIZED (
        SELECT x.id, x.due_at FROM notification.message x
        WHERE x.state = 'queued' AND x.due_at <= v_now AND x.tries BETWEEN 1 AND 9
        ORDER BY x.due_at LIMIT least(4, p_limit) FOR UPDATE SKIP LOCKED
    ), fresh AS MATERIALIZED (
        SELECT x.id, x.due_at FROM notification.message x
        WHERE x.state = 'queued' AND x.due_at <= v_now AND x.tries = 0
        ORDER BY x.due_at LIMIT greatest(0, p_limit - (SELECT count(*) FROM again)) FOR UPDATE SKIP LOCKED
    ), due AS (
        SELECT * FROM again UNION ALL SELECT * FROM fresh
    ), taken AS (
        UPDATE notification.message m
        SET tries = m.tries + 1, lease = gen_random_uuid(),
            due_at = v_now + make_interval(secs => p_lease_ms / 1000.0)
        FROM due WHERE m.id = due.id
        RETURNING m.*, due.due_at AS was_due
    )
    SELECT jsonb_agg(jsonb_build_object(
               'id', t.id, 'lease', t.lease, 'channel', t.channel, 'template', t.template,
               'locale', t.locale, 'data', t.data, 'sealed', t.sealed, 'tries', t.tries) ORDER BY t.was_due, t.id)
    INTO v_claimed FROM taken t;
    RETURN coalesce(v_claimed, '[]');
END $$;
