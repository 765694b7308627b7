-- Writes outcomes down and ends a workflow: `completed`, `failed` or `cancelled`. Repeated, it finds it ended
-- and does nothing.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_end(p_note jsonb, p_status text, p_outcome jsonb) RETURNS void
LANGUAGE plpgsql
-- Everything here goes by keys (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_id uuid := (p_note->>'workflow')::uuid;
    v_now timestamp := shared.now();
BEGIN
    IF EXISTS (SELECT 1 FROM "{{schema}}".workflow w
               WHERE w.id = v_id AND w.fence = (p_note->>'fence')::bigint AND w.status = p_status) THEN
        RETURN;
    END IF;
    PERFORM "{{schema}}".workflow_note(p_note);
    UPDATE "{{schema}}".workflow w
    SET status = p_status, outcome = p_outcome, ended_at = v_now, updated_at = v_now,
        lease_until = NULL, retry_at = NULL, last_error = NULL, failures = w.failures - '!runner'
    WHERE w.id = v_id AND w.ended_at IS NULL;
    IF NOT FOUND THEN
        PERFORM shared.refuse('workflow_superseded');
    END IF;
END $$;
