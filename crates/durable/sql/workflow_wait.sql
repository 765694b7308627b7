-- Writes outcomes down and suspends a workflow until one of the signals arrives or business time is
-- `p_until`. A signal that is there already, and has not ended a wait yet, is answered instead, `{"name",
-- "key", "payload"}`; then the caller goes on. Of several the one that arrived first.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_wait(p_note jsonb, p_until text, p_awaits text[])
RETURNS text
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_id uuid := (p_note->>'workflow')::uuid;
    v_signal jsonb;
BEGIN
    IF EXISTS (SELECT 1 FROM "{{schema}}".workflow w
               WHERE w.id = v_id AND w.fence = (p_note->>'fence')::bigint AND w.status = 'waiting') THEN
        -- This same statement, repeated.
        RETURN NULL;
    END IF;
    -- Locks the workflow, so that a signal is seen here, or sees it waiting.
    PERFORM "{{schema}}".workflow_note(p_note);
    SELECT jsonb_build_object('name', s.name, 'key', s.key, 'payload', s.payload) INTO v_signal
    FROM "{{schema}}".signal s
    WHERE s.workflow_id = v_id AND s.name = ANY (p_awaits)
      AND NOT EXISTS (
          SELECT 1 FROM "{{schema}}".journal j
          WHERE j.workflow_id = v_id AND j.kind = 'wait'
            AND j.outcome->'ok'->>'signal' = s.name AND j.outcome->'ok'->>'key' = s.key)
    ORDER BY s.name <> 'cancel!', s.seq LIMIT 1;
    IF v_signal IS NOT NULL THEN
        RETURN v_signal::text;
    END IF;
    UPDATE "{{schema}}".workflow w
    SET status = 'waiting', due_at = p_until::timestamptz AT TIME ZONE 'utc', awaits = p_awaits,
        lease_until = NULL, retry_at = NULL, last_error = NULL, updated_at = shared.now(),
        failures = w.failures - '!runner'
    WHERE w.id = v_id AND w.status IN ('running', 'undoing');
    IF NOT FOUND THEN
        PERFORM shared.refuse('workflow_superseded');
    END IF;
    RETURN NULL;
END $$;
