-- An operator's "undo it": at its next step or wait the workflow takes the way back, and ends as cancelled.
-- One that is undoing already goes on with that. Refuses with `not_found` and `wrong_state`.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_cancel(p_id uuid, p_by text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    w "{{schema}}".workflow;
BEGIN
    SELECT * INTO w FROM "{{schema}}".workflow x WHERE x.id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF w.ended_at IS NOT NULL THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('workflow_status', w.status));
    END IF;
    PERFORM "{{schema}}".workflow_signal(p_id, 'cancel!', 'operator', jsonb_build_object('by', p_by));
    -- What pauses, or is stuck, goes on with it.
    IF w.status = 'stuck' OR w.status IN ('running', 'undoing') AND w.lease_until <= v_now THEN
        RETURN "{{schema}}".workflow_again(p_id);
    END IF;
    SELECT * INTO w FROM "{{schema}}".workflow x WHERE x.id = p_id;
    RETURN "{{schema}}".workflow_brief(w)::text;
END $$;
