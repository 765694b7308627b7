-- Leases due deliveries and counts a try on each: an event that brings its consumer down is
-- counted too, and does not loop for ever. Only the oldest unfinished delivery of a subject and
-- consumer is handed out. A delivery that has used up its tries becomes a dead letter here.
CREATE OR REPLACE FUNCTION "{{schema}}".outbox_claim(p_limit integer, p_lease_ms integer)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_lease uuid := gen_random_uuid();
    v_now timestamp := shared.real_now();
    v_claimed text;
BEGIN
    UPDATE "{{schema}}".delivery
    SET dead_at = v_now, lease = NULL, lease_until = NULL,
        last_error = coalesce(last_error, 'the consumer ended without an outcome, ten times')
    WHERE dead_at IS NULL AND tries >= 10 AND (lease_until IS NULL OR lease_until < v_now);

    WITH due AS (
        SELECT d.consumer, d.subject, d.seq
        FROM "{{schema}}".delivery d
        WHERE d.dead_at IS NULL
          AND d.due_at <= v_now
          AND (d.lease_until IS NULL OR d.lease_until < v_now)
          AND NOT EXISTS (
              SELECT 1 FROM "{{schema}}".delivery e
              WHERE e.consumer = d.consumer AND e.subject = d.subject
                AND e.seq < d.seq AND e.dead_at IS NULL)
        ORDER BY d.seq
        LIMIT p_limit
        FOR UPDATE OF d SKIP LOCKED
    ), claimed AS (
        UPDATE "{{schema}}".delivery d
        SET tries = d.tries + 1, lease = v_lease,
            lease_until = v_now + make_interval(secs => p_lease_ms / 1000.0)
        FROM due
        WHERE d.consumer = due.consumer AND d.subject = due.subject AND d.seq = due.seq
        RETURNING d.seq, d.consumer, d.tries
    )
    SELECT jsonb_agg(jsonb_build_object(
               'event', jsonb_build_object(
                   'id', o.id, 'source', '{{schema}}', 'kind', o.kind, 'subject', o.subject,
                   'sequence', o.sequence, 'time', shared.rfc3339(o.occurred_at),
                   'traceparent', o.traceparent, 'data', o.data),
               'consumer', c.consumer, 'tries', c.tries, 'lease', v_lease) ORDER BY o.seq)::text
    INTO v_claimed
    FROM claimed c JOIN "{{schema}}".outbox o ON o.seq = c.seq;
    RETURN coalesce(v_claimed, '[]');
END $$;
