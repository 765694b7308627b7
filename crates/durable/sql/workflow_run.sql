-- A workflow as a runner gets it: with its journal, and with what it was told.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_run(w "{{schema}}".workflow) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', w.id, 'kind', w.kind, 'version', w.version, 'subject', w.subject, 'input', w.input,
        'fence', w.fence, 'now', shared.rfc3339(shared.now()), 'failures', w.failures,
        'failpoints', w.failpoints, 'traceparent', w.traceparent,
        'journal', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'step', j.step, 'key', j.key, 'kind', j.kind, 'outcome', j.outcome) ORDER BY j.position)
            FROM "{{schema}}".journal j WHERE j.workflow_id = w.id), '[]'),
        'signals', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'name', s.name, 'key', s.key, 'payload', s.payload) ORDER BY s.seq)
            FROM "{{schema}}".signal s WHERE s.workflow_id = w.id), '[]'));
END $$;
