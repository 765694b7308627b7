-- A workflow without its journal.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_brief(w "{{schema}}".workflow) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', w.id, 'module', '{{schema}}', 'kind', w.kind, 'version', w.version, 'account_id', w.subject,
        'status', w.status, 'last_error', w.last_error, 'failures', w.failures,
        'awaits', to_jsonb(array_remove(w.awaits, 'cancel!')), 'due_at', shared.rfc3339(w.due_at),
        'retry_at', shared.rfc3339(w.retry_at),
        'created_at', shared.rfc3339(w.created_at), 'updated_at', shared.rfc3339(w.updated_at),
        'ended_at', shared.rfc3339(w.ended_at));
END $$;
