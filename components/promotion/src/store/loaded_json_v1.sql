-- A promotion as pricing reads it, with its uses by the account that is asked for.
CREATE OR REPLACE FUNCTION promotion.loaded_json_v1(p_row promotion.promotion, p_uses integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', p_row.id,
        'version', p_row.version,
        'owner_id', p_row.owner_id,
        'kind', p_row.kind,
        'title', p_row.title,
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
        'recurrence', p_row.recurrence,
        'budget', p_row.budget,
        'usage_limit', p_row.usage_limit,
        'usage_limit_per_account', promotion.account_limit_v1(p_row),
        -- What is held is as good as spent to whoever comes next.
        'held_amount', 0, 'spent_amount', p_row.used_amount,
        'held_uses', 0, 'spent_uses', p_row.used_uses,
        'uses_by_account', coalesce(p_uses, 0));
END $$;
