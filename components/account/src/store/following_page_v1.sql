-- Whom an account follows, the accounts made last first.
CREATE OR REPLACE FUNCTION account.following_page_v1(p_account uuid, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT f.seller_id, f.changed_at, row_number() OVER (ORDER BY f.seller_id DESC) AS n
        FROM account.follow f
        WHERE f.follower_id = p_account AND f.active
          AND (p_after IS NULL OR f.seller_id < p_after)
        ORDER BY f.seller_id DESC
        LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', a.id,
                   'username', a.username,
                   'name', a.name,
                   'followed_at', shared.rfc3339(p.changed_at))
               ORDER BY p.seller_id DESC) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit
                THEN (array_agg(p.seller_id ORDER BY p.seller_id DESC))[p_limit] END
    FROM page p JOIN account.account a ON a.id = p.seller_id;
END $$;
