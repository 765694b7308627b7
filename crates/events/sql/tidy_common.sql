-- Removes what has outlived its retention: idempotency keys after a day, published events after
-- a week (never one that is still pending or dead), consumed ids and workflows after 30 days. At most p_limit
-- rows of each.
CREATE OR REPLACE FUNCTION "{{schema}}".tidy_common(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_rows bigint;
    v_total bigint := 0;
BEGIN
    DELETE FROM "{{schema}}".idempotency WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM "{{schema}}".idempotency
        WHERE created_at < v_now - interval '24 hours' ORDER BY created_at LIMIT p_limit
        FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM "{{schema}}".outbox WHERE seq = ANY (ARRAY(
        -- The oldest rows only: the rest is younger, and need not be looked at every time.
        SELECT o.seq
        FROM (SELECT seq, occurred_at FROM "{{schema}}".outbox ORDER BY seq LIMIT p_limit * 10) o
        WHERE o.occurred_at < v_now - interval '7 days'
          AND o.seq < (SELECT coalesce(max(seq), 0) FROM "{{schema}}".outbox)
          AND NOT EXISTS (SELECT 1 FROM "{{schema}}".delivery d WHERE d.seq = o.seq)
        ORDER BY o.seq LIMIT p_limit));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM "{{schema}}".inbox WHERE event_id = ANY (ARRAY(
        SELECT event_id FROM "{{schema}}".inbox
        WHERE consumed_at < v_now - interval '30 days' ORDER BY consumed_at LIMIT p_limit));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows + "{{schema}}".tidy_workflows(p_limit);
END $$;
