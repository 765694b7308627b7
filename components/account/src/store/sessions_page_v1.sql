-- An account's living sessions, newest first.
CREATE OR REPLACE FUNCTION account.sessions_page_v1(
    p_account uuid, p_current uuid, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT s.*, row_number() OVER (ORDER BY s.id DESC) AS n
        FROM account.session s
        WHERE s.account_id = p_account AND s.revoked_at IS NULL
          AND s.expires_at > shared.real_now()
          AND (p_after IS NULL OR s.id < p_after)
        ORDER BY s.id DESC
        LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', p.id,
                   'current', p.id = p_current,
                   'user_agent', p.user_agent,
                   'address', p.address,
                   'created_at', shared.rfc3339(p.created_at),
                   'seen_at', shared.rfc3339(p.seen_at),
                   'expires_at', shared.rfc3339(p.expires_at))
               ORDER BY p.id DESC) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg(p.id ORDER BY p.id DESC))[p_limit] END
    FROM page p;
END $$;
