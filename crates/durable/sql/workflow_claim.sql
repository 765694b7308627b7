-- Takes what is due under a lease, at most `p_limit`: what somebody left, what is to be tried again, and
-- waits whose time is up. Answers an array of runs.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_claim(p_limit integer, p_lease_ms integer) RETURNS text
LANGUAGE plpgsql
-- By the indexes of what is due, which are short (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_business timestamp := shared.now();
    v_runs jsonb := '[]';
    w "{{schema}}".workflow;
BEGIN
    FOR w IN
        SELECT x.* FROM "{{schema}}".workflow x
        WHERE x.status IN ('running', 'undoing') AND x.lease_until <= v_now
          AND (x.retry_at IS NULL OR x.retry_at <= v_now)
        ORDER BY x.lease_until LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        w := "{{schema}}".workflow_hold(w, p_lease_ms);
        IF w.status <> 'stuck' THEN
            v_runs := v_runs || "{{schema}}".workflow_run(w);
        END IF;
    END LOOP;
    FOR w IN
        SELECT x.* FROM "{{schema}}".workflow x
        WHERE x.status = 'waiting' AND x.due_at <= v_business
        ORDER BY x.due_at LIMIT p_limit - jsonb_array_length(v_runs) FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        v_runs := v_runs || "{{schema}}".workflow_run("{{schema}}".workflow_hold(w, p_lease_ms));
    END LOOP;
    RETURN v_runs::text;
END $$;
