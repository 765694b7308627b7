-- Writes outcomes down and leaves a workflow to a person.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_stick(p_note jsonb, p_error text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM "{{schema}}".workflow_note(p_note);
    UPDATE "{{schema}}".workflow w
    SET status = 'stuck', lease_until = NULL, retry_at = NULL, last_error = left(p_error, 2000),
        updated_at = shared.now(), fence = w.fence + 1, failures = w.failures - '!runner'
    WHERE w.id = (p_note->>'workflow')::uuid AND w.status IN ('running', 'undoing');
    IF NOT FOUND THEN
        PERFORM shared.refuse('workflow_superseded');
    END IF;
END $$;
