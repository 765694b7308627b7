-- A workflow with all that happened to it, in order; NULL when there is none. What people typed is in the
-- input: addresses too, so only operators see it.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_show(p_id uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT ("{{schema}}".workflow_brief(w) || jsonb_build_object(
            'input', w.input, 'outcome', w.outcome, 'traceparent', w.traceparent,
            'journal', coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                           'step', j.step, 'key', j.key, 'kind', j.kind, 'outcome', j.outcome,
                           'noted_at', shared.rfc3339(j.noted_at)) ORDER BY j.position)
                FROM "{{schema}}".journal j WHERE j.workflow_id = w.id), '[]'),
            'signals', coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                           'name', s.name, 'key', s.key, 'payload', s.payload,
                           'arrived_at', shared.rfc3339(s.arrived_at)) ORDER BY s.seq)
                FROM "{{schema}}".signal s WHERE s.workflow_id = w.id), '[]')))::text
        FROM "{{schema}}".workflow w WHERE w.id = p_id);
END $$;
