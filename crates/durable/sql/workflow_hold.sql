-- Gives a due workflow, which the caller has locked, to a new holder. One whose holder's lease ran out was
-- left: whoever ran it died, or could not write. That is counted, as `!runner`, until somebody writes
-- something; the tenth time it is the workflow that is at fault, and is stuck.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_hold(w "{{schema}}".workflow, p_lease_ms integer)
RETURNS "{{schema}}".workflow
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_left boolean := w.status <> 'waiting' AND w.retry_at IS NULL;
    v_times integer := coalesce((w.failures->>'!runner')::integer, 0) + v_left::integer;
BEGIN
    UPDATE "{{schema}}".workflow x
    SET fence = x.fence + 1, due_at = NULL, awaits = '{}', retry_at = NULL,
        failures = CASE WHEN v_left THEN x.failures || jsonb_build_object('!runner', v_times)
                        ELSE x.failures END,
        status = CASE WHEN v_times >= 10 THEN 'stuck' WHEN x.status = 'waiting' THEN 'running' ELSE x.status END,
        lease_until = CASE WHEN v_times < 10
                           THEN shared.real_now() + make_interval(secs => p_lease_ms / 1000.0) END,
        last_error = CASE WHEN v_times >= 10
                          THEN coalesce(x.last_error || '; ', '') || 'ten runners ended without a word'
                          ELSE x.last_error END
    WHERE x.id = w.id
    RETURNING * INTO w;
    RETURN w;
END $$;
