-- Starts a workflow, in the statement that makes it necessary. With a lease the caller runs it; without
-- one the lane takes it at once. One that there is already stays as it is.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_start(
    p_id uuid, p_kind text, p_version integer, p_subject uuid, p_input jsonb, p_trace text, p_lease_ms integer
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_real timestamp := shared.real_now();
BEGIN
    -- A signal that is just coming to it is seen by its first wait: see `workflow_signal`.
    PERFORM pg_advisory_xact_lock(hashtextextended('{{schema}} workflow ' || p_id, 0));
    INSERT INTO "{{schema}}".workflow
        (id, kind, version, subject, input, traceparent, lease_until, retry_at, created_at, updated_at)
    VALUES (p_id, p_kind, p_version, p_subject, p_input, p_trace,
            v_real + make_interval(secs => p_lease_ms / 1000.0),
            CASE WHEN p_lease_ms <= 0 THEN v_real END, v_now, v_now)
    ON CONFLICT (id) DO NOTHING;
END $$;
