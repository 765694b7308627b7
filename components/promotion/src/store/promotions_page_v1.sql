-- Promotions of an owner (NULL: the platform), newest first, or the one with a code.
CREATE OR REPLACE FUNCTION promotion.promotions_page_v1(
    p_owner uuid, p_code text, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid, now_at timestamp)
LANGUAGE plpgsql AS $$
DECLARE
    v_after uuid := coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT x.p, row_number() OVER (ORDER BY (x.p).id DESC) AS n
        FROM (
            (SELECT p FROM promotion.promotion p
             WHERE p_code IS NULL AND p.owner_id = p_owner AND p.deleted_at IS NULL AND p.id < v_after
             ORDER BY p.id DESC LIMIT p_limit + 1)
            UNION ALL
            (SELECT p FROM promotion.promotion p
             WHERE p_code IS NULL AND p_owner IS NULL AND p.owner_id IS NULL AND p.deleted_at IS NULL
               AND p.id < v_after
             ORDER BY p.id DESC LIMIT p_limit + 1)
            UNION ALL
            SELECT p FROM promotion.promotion p
            WHERE p.code = p_code AND p.deleted_at IS NULL AND p.owner_id IS NOT DISTINCT FROM p_owner
              AND p.id < v_after
        ) x
    )
    SELECT coalesce(jsonb_agg(promotion.promotion_json_v1(g.p) ORDER BY g.n) FILTER (WHERE g.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg((g.p).id ORDER BY g.n))[p_limit] END,
           shared.now()
    FROM page g;
END $$;
