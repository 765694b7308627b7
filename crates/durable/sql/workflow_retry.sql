-- Writes outcomes down and gives a run back: it is to be taken again after a pause (real time), because
-- `p_step` failed, which is counted, or, without one, because its runner has no more time for it. `p_undoing`:
-- it is on its way back.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_retry(
    p_note jsonb, p_step text, p_error text, p_pause_ms integer, p_undoing boolean
) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_runner jsonb;
BEGIN
    SELECT w.failures->'!runner' INTO v_runner
    FROM "{{schema}}".workflow w WHERE w.id = (p_note->>'workflow')::uuid;
    PERFORM "{{schema}}".workflow_note(p_note);
    UPDATE "{{schema}}".workflow w
    SET status = CASE WHEN p_undoing THEN 'undoing' ELSE w.status END,
        lease_until = v_now, retry_at = v_now + make_interval(secs => p_pause_ms / 1000.0),
        failures = CASE
            WHEN p_step IS NULL THEN w.failures
            -- What it did may not be written down: as if it had died.
            WHEN p_step = '!runner' THEN
                w.failures || jsonb_build_object(p_step, coalesce(v_runner::integer, 0) + 1)
            ELSE w.failures || jsonb_build_object(p_step, coalesce((w.failures->>p_step)::integer, 0) + 1)
        END,
        last_error = CASE WHEN p_step IS NULL THEN w.last_error
                          ELSE left(ltrim(p_step, '!') || ': ' || p_error, 2000) END,
        updated_at = shared.now(),
        -- What this holder still has under way comes to nothing.
        fence = w.fence + 1
    WHERE w.id = (p_note->>'workflow')::uuid AND w.status IN ('running', 'undoing');
    IF NOT FOUND THEN
        PERFORM shared.refuse('workflow_superseded');
    END IF;
END $$;
