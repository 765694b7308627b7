-- Takes one workflow under a lease, unless somebody has it, it pauses, or it has nothing to do.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_take(p_id uuid, p_lease_ms integer) RETURNS text
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.real_now();
    w "{{schema}}".workflow;
BEGIN
    SELECT * INTO w FROM "{{schema}}".workflow x WHERE x.id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND OR NOT (CASE w.status
            WHEN 'waiting' THEN coalesce(w.due_at <= shared.now(), false)
            WHEN 'running' THEN w.lease_until <= v_now AND coalesce(w.retry_at <= v_now, true)
            WHEN 'undoing' THEN w.lease_until <= v_now AND coalesce(w.retry_at <= v_now, true)
            ELSE false
        END) THEN
        RETURN NULL;
    END IF;
    w := "{{schema}}".workflow_hold(w, p_lease_ms);
    RETURN CASE WHEN w.status <> 'stuck' THEN "{{schema}}".workflow_run(w)::text END;
END $$;
