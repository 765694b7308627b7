-- Tells a workflow something; each key once, and possibly before it waits for it, or before it is started.
-- One that waits for it is to be run again at once.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_signal(p_id uuid, p_name text, p_key text, p_payload jsonb)
RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_awaits text[];
    v_status text;
BEGIN
    -- Before the row of the signal: so that one that is just going to wait sees it, or is seen waiting.
    SELECT w.awaits, w.status INTO v_awaits, v_status
    FROM "{{schema}}".workflow w WHERE w.id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        -- The same with one that is just being started.
        PERFORM pg_advisory_xact_lock(hashtextextended('{{schema}} workflow ' || p_id, 0));
        SELECT w.awaits, w.status INTO v_awaits, v_status
        FROM "{{schema}}".workflow w WHERE w.id = p_id FOR NO KEY UPDATE;
    END IF;
    INSERT INTO "{{schema}}".signal (workflow_id, name, key, payload, arrived_at)
    VALUES (p_id, p_name, p_key, p_payload, shared.now())
    ON CONFLICT DO NOTHING;
    IF FOUND AND v_status = 'waiting' AND p_name = ANY (v_awaits) THEN
        UPDATE "{{schema}}".workflow w
        SET status = 'running', lease_until = v_now, retry_at = v_now, due_at = NULL, awaits = '{}',
            updated_at = shared.now()
        WHERE w.id = p_id;
    END IF;
END $$;
