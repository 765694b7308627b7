-- The audit log, newest first: of one account, of one action, or all of it. Reading it is noted in it.
CREATE OR REPLACE FUNCTION account.audit_page_v1(
    p_actor uuid, p_account uuid, p_action text, p_after bigint, p_limit integer
) RETURNS TABLE (items text, next_id bigint)
-- Planned each time, by the filters that there are: without them it goes by number, with one by its index.
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT e.*, row_number() OVER (ORDER BY e.id DESC) AS n
        FROM account.audit e
        WHERE (p_account IS NULL OR e.account_id = p_account)
          AND (p_action IS NULL OR e.action = p_action)
          AND (p_after IS NULL OR e.id < p_after)
        ORDER BY e.id DESC
        LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', p.id::text,
                   'at', shared.rfc3339(p.at),
                   'actor_id', p.actor_id,
                   'account_id', p.account_id,
                   'action', p.action,
                   'facts', p.facts)
               ORDER BY p.id DESC) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg(p.id ORDER BY p.id DESC))[p_limit] END
    FROM page p;
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_actor, p_account, 'audit_read',
            jsonb_strip_nulls(jsonb_build_object('action', p_action, 'after', p_after::text)));
END $$;
