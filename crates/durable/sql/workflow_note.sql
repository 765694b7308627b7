-- Writes outcomes down, `{"workflow", "fence", "entries": [{"step", "key", "kind", "outcome"}], "undoing"}`;
-- `undoing`, if it is there, is the refusal with which the workflow turns back. False when the last of the
-- outcomes was there before: the statement that it belongs to has done its work, and is repeated because its
-- answer was lost. Raises when another runner has the workflow, or when it waits or has ended, so that
-- whatever stands in the same statement is undone.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_note(p_note jsonb) RETURNS boolean
LANGUAGE plpgsql
-- Everything here goes by keys (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_id uuid := (p_note->>'workflow')::uuid;
    v_fence bigint;
    v_status text;
    v_left boolean;
    v_last jsonb := p_note->'entries'->-1;
BEGIN
    SELECT w.fence, w.status, w.failures ? '!runner' INTO v_fence, v_status, v_left
    FROM "{{schema}}".workflow w WHERE w.id = v_id FOR NO KEY UPDATE;
    IF v_fence IS DISTINCT FROM (p_note->>'fence')::bigint THEN
        PERFORM shared.refuse('workflow_superseded');
    ELSIF v_last IS NOT NULL AND EXISTS (
        SELECT 1 FROM "{{schema}}".journal j
        WHERE j.workflow_id = v_id AND j.step = v_last->>'step' AND j.key = v_last->>'key') THEN
        RETURN false;
    ELSIF v_status NOT IN ('running', 'undoing') THEN
        PERFORM shared.refuse('workflow_superseded');
    END IF;
    IF v_left OR p_note ? 'undoing' THEN
        -- Whoever writes something has got further than those who ended without a word.
        UPDATE "{{schema}}".workflow w
        SET failures = w.failures - '!runner',
            status = CASE WHEN p_note ? 'undoing' THEN 'undoing' ELSE w.status END,
            outcome = CASE WHEN p_note ? 'undoing' THEN jsonb_build_object('refused', p_note->'undoing')
                           ELSE w.outcome END,
            updated_at = shared.now()
        WHERE w.id = v_id;
    END IF;
    IF v_last IS NOT NULL THEN
        INSERT INTO "{{schema}}".journal (workflow_id, step, key, position, kind, outcome, noted_at)
        SELECT v_id, e.entry->>'step', e.entry->>'key',
               e.n + (SELECT count(*) FROM "{{schema}}".journal j WHERE j.workflow_id = v_id),
               e.entry->>'kind', e.entry->'outcome', shared.now()
        FROM jsonb_array_elements(p_note->'entries') WITH ORDINALITY AS e(entry, n)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN true;
END $$;
