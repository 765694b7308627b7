-- A page of a module's workflows for its operators, the newest first. `p_before` is the last one seen.
CREATE OR REPLACE FUNCTION "{{schema}}".workflow_page(
    p_kind text, p_status text, p_before text, p_before_id uuid, p_limit integer
) RETURNS TABLE (items text, last_at timestamp, last_id uuid)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT w.* FROM "{{schema}}".workflow w
        WHERE (p_kind IS NULL OR w.kind = p_kind) AND (p_status IS NULL OR w.status = p_status)
          AND (p_before IS NULL OR (w.created_at, w.id) < (p_before::timestamp, p_before_id))
        ORDER BY w.created_at DESC, w.id DESC LIMIT p_limit
    )
    SELECT coalesce(jsonb_agg("{{schema}}".workflow_brief(p::"{{schema}}".workflow)
                              ORDER BY p.created_at DESC, p.id DESC), '[]')::text,
           CASE WHEN count(*) = p_limit THEN min(p.created_at) END,
           CASE WHEN count(*) = p_limit THEN (array_agg(p.id ORDER BY p.created_at, p.id))[1] END
    FROM page p;
END $$;
