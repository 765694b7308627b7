-- An account's favorites, newest first.
CREATE OR REPLACE FUNCTION account.favorites_page_v1(p_account uuid, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT f.*, row_number() OVER (ORDER BY f.id DESC) AS n
        FROM account.favorite f
        WHERE f.account_id = p_account
          AND f.id < coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        ORDER BY f.id DESC
        LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'product_id', p.product_id, 'favorited_at', shared.rfc3339(p.created_at))
               ORDER BY p.id DESC) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg(p.id ORDER BY p.id DESC))[p_limit] END
    FROM page p;
END $$;
