-- Removes workflows, and signals to nobody, that ended 30 days ago: at most `p_limit` of each.
CREATE OR REPLACE FUNCTION "{{schema}}".tidy_workflows(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_before timestamp := shared.now() - interval '30 days';
    v_rows bigint;
    v_total bigint;
BEGIN
    DELETE FROM "{{schema}}".workflow WHERE id = ANY (ARRAY(
        SELECT w.id FROM "{{schema}}".workflow w
        WHERE w.ended_at < v_before ORDER BY w.ended_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_total = ROW_COUNT;
    DELETE FROM "{{schema}}".signal s WHERE (s.workflow_id, s.name, s.key) IN (
        SELECT o.workflow_id, o.name, o.key
        FROM (SELECT * FROM "{{schema}}".signal x WHERE x.arrived_at < v_before
              ORDER BY x.arrived_at LIMIT p_limit) o
        WHERE NOT EXISTS (SELECT 1 FROM "{{schema}}".workflow w WHERE w.id = o.workflow_id));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows;
END $$;
