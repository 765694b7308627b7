-- Takes outcomes: `[{"event_id", "consumer", "lease", "outcome": "done"|"retry"|"reject", "error"}]`.
-- A mark counts only with the newest lease, so that a holder who was slow changes nothing.
CREATE OR REPLACE FUNCTION "{{schema}}".outbox_mark(p_marks jsonb) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_done integer;
    v_open integer;
BEGIN
    WITH m AS (
        SELECT o.seq, x.consumer, o.subject, x.lease
        FROM jsonb_to_recordset(p_marks) AS x(event_id uuid, consumer text, lease uuid, outcome text)
        JOIN "{{schema}}".outbox o ON o.id = x.event_id
        WHERE x.outcome = 'done'
    )
    DELETE FROM "{{schema}}".delivery d USING m
    WHERE d.consumer = m.consumer AND d.subject = m.subject AND d.seq = m.seq AND d.lease = m.lease;
    GET DIAGNOSTICS v_done = ROW_COUNT;

    -- What is sealed for the consumers stays no longer than it takes to reach them all. Two that are
    -- marked at once may each see the other: `tidy` finds what they leave.
    IF EXISTS (
        SELECT FROM jsonb_to_recordset(p_marks) AS x(event_id uuid, outcome text)
        JOIN "{{schema}}".outbox o ON o.id = x.event_id
        WHERE x.outcome = 'done' AND o.data ? 'sealed') THEN
        UPDATE "{{schema}}".outbox o SET data = o.data - 'sealed'
        FROM jsonb_to_recordset(p_marks) AS x(event_id uuid, outcome text)
        WHERE o.id = x.event_id AND x.outcome = 'done' AND o.data ? 'sealed'
          AND NOT EXISTS (SELECT FROM "{{schema}}".delivery d WHERE d.seq = o.seq);
    END IF;

    WITH m AS (
        SELECT o.seq, x.consumer, o.subject, x.lease, x.outcome, x.error
        FROM jsonb_to_recordset(p_marks)
             AS x(event_id uuid, consumer text, lease uuid, outcome text, error text)
        JOIN "{{schema}}".outbox o ON o.id = x.event_id
        WHERE x.outcome <> 'done'
    )
    UPDATE "{{schema}}".delivery d
    SET lease = NULL, lease_until = NULL, last_error = left(m.error, 2000),
        dead_at = CASE WHEN m.outcome = 'reject' OR d.tries >= 10 THEN v_now END,
        -- 0.5 s, 1 s, 2 s … up to a minute, with a little jitter.
        due_at = v_now + make_interval(secs => least(60, 0.25 * 2 ^ d.tries) * (0.9 + random() * 0.2))
    FROM m
    WHERE d.consumer = m.consumer AND d.subject = m.subject AND d.seq = m.seq AND d.lease = m.lease;
    GET DIAGNOSTICS v_open = ROW_COUNT;
    RETURN v_done + v_open;
END $$;
