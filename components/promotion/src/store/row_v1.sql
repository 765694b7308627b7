-- A row with what a request says, `p_new`, in it; what never changes (owner, kind, currency and what is
-- counted) is the caller's.
CREATE OR REPLACE FUNCTION promotion.row_v1(p_row promotion.promotion, p_new jsonb)
RETURNS promotion.promotion
LANGUAGE plpgsql AS $$
DECLARE
    v_row promotion.promotion := p_row;
BEGIN
    v_row.title := p_new->>'title';
    v_row.description := p_new->>'description';
    v_row.enabled := (p_new->>'enabled')::boolean;
    v_row.code := p_new->>'code';
    v_row.group_name := p_new->>'group_name';
    v_row.group_position := (p_new->>'group_position')::integer;
    v_row.exclusive := (p_new->>'exclusive')::boolean;
    v_row.priority := (p_new->>'priority')::integer;
    v_row.rule := p_new->'rule';
    v_row.scope := p_new->'scope';
    v_row.conditions := p_new->'conditions';
    v_row.starts_at := (p_new->>'starts_at')::timestamp;
    v_row.ends_at := (p_new->>'ends_at')::timestamp;
    v_row.recurrence := nullif(p_new->'recurrence', 'null');
    v_row.budget := (p_new->>'budget')::bigint;
    v_row.usage_limit := (p_new->>'usage_limit')::bigint;
    v_row.usage_limit_per_account := (p_new->>'usage_limit_per_account')::integer;
    RETURN v_row;
END $$;
