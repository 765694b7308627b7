-- An operator's "try it now": a stuck workflow goes on where it was, one that pauses does not wait longer.
-- What runs already is left as it is, so that it may be repeated. Refuses with `not_found`, and with
-- `wrong_state` what waits and what has ended.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_again(p_id uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    w "{{schema}}".workflow;
BEGIN
    SELECT * INTO w FROM "{{schema}}".workflow x WHERE x.id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF w.status IN ('running', 'undoing') AND coalesce(w.retry_at <= v_now, true) THEN
        RETURN "{{schema}}".workflow_brief(w)::text;
    ELSIF w.status NOT IN ('stuck', 'running', 'undoing') THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('workflow_status', w.status));
    END IF;
    UPDATE "{{schema}}".workflow x
    SET status = CASE WHEN x.status <> 'stuck' THEN x.status
                      WHEN x.outcome IS NOT NULL THEN 'undoing'
                      ELSE 'running' END,
        -- Its limits count anew. That its last runner may have done more than it wrote is still so.
        failures = CASE WHEN x.failures ? '!runner' THEN '{"!runner": 1}' ELSE '{}' END::jsonb,
        lease_until = v_now, retry_at = v_now, fence = x.fence + 1, updated_at = shared.now()
    WHERE x.id = p_id
    RETURNING * INTO w;
    RETURN "{{schema}}".workflow_brief(w)::text;
END $$;
