-- Consumes a batch of events. Each event's inbox row and effect stand or fall together, apart from
-- the other events of the batch. The module's own `on_event(jsonb)` makes the effect.
-- Answers `[{"outcome": "done"|"retry"|"reject", "error"}]`, in the order given.
CREATE OR REPLACE FUNCTION "{{schema}}".inbox_consume(p_events jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_event jsonb;
    v_result jsonb := '[]';
BEGIN
    -- What the batch has locked stays locked to its end, in no order that the rest of the module keeps
    -- to. So it waits for others less long than the server looks for deadlocks (1 s), and tries again.
    PERFORM set_config('lock_timeout', '500ms', true);
    FOR v_event IN SELECT value FROM jsonb_array_elements(p_events) LOOP
        BEGIN
            INSERT INTO "{{schema}}".inbox (event_id, consumed_at)
            VALUES ((v_event->>'id')::uuid, shared.now())
            ON CONFLICT DO NOTHING;
            IF FOUND THEN
                PERFORM "{{schema}}".on_event(v_event);
            END IF;
            v_result := v_result || jsonb_build_object('outcome', 'done');
        EXCEPTION
            -- Busy or unlucky: the same event may work in a moment.
            WHEN lock_not_available OR deadlock_detected OR serialization_failure
                 OR query_canceled OR insufficient_resources OR operator_intervention THEN
                v_result := v_result || jsonb_build_object('outcome', 'retry', 'error', SQLERRM);
            -- The payload itself: it will read the same tomorrow.
            WHEN data_exception OR integrity_constraint_violation OR feature_not_supported THEN
                v_result := v_result || jsonb_build_object(
                    'outcome', 'reject', 'error', SQLSTATE || ' ' || SQLERRM);
            WHEN OTHERS THEN
                v_result := v_result || jsonb_build_object(
                    'outcome', 'retry', 'error', SQLSTATE || ' ' || SQLERRM);
        END;
    END LOOP;
    RETURN v_result::text;
END $$;
