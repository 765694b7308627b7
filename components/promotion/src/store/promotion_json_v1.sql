-- A promotion as its owner sees it. When it is next open is worked out by whoever shows it.
CREATE OR REPLACE FUNCTION promotion.promotion_json_v1(p_row promotion.promotion) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', p_row.id,
        'owner', CASE WHEN p_row.owner_id IS NULL THEN 'platform' ELSE 'seller' END,
        'seller_id', p_row.owner_id,
        'kind', p_row.kind,
        'title', p_row.title,
        'description', p_row.description,
        'enabled', p_row.enabled,
        'code', p_row.code,
        'group_name', p_row.group_name,
        'group_position', p_row.group_position,
        'exclusive', p_row.exclusive,
        'priority', p_row.priority,
        'currency', p_row.currency,
        'rule', p_row.rule,
        'scope', p_row.scope,
        'conditions', p_row.conditions,
        'starts_at', shared.rfc3339(p_row.starts_at),
        'ends_at', shared.rfc3339(p_row.ends_at),
        'recurrence', p_row.recurrence)
        || jsonb_build_object(
        'budget', p_row.budget,
        'usage_limit', p_row.usage_limit,
        'usage_limit_per_account', p_row.usage_limit_per_account,
        'exhausted', promotion.spent_v1(p_row),
        'version', p_row.version,
        'created_at', shared.rfc3339(p_row.created_at),
        'updated_at', shared.rfc3339(p_row.updated_at));
END $$;
