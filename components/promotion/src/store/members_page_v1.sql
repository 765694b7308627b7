-- Accounts of a segment by id. No row when nobody is in it: then there is no such segment.
CREATE OR REPLACE FUNCTION promotion.members_page_v1(p_segment text, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM promotion.segment_member m WHERE m.segment = p_segment) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH page AS (
        SELECT m.*, row_number() OVER (ORDER BY m.account_id) AS n
        FROM promotion.segment_member m
        WHERE m.segment = p_segment
          AND m.account_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
        ORDER BY m.account_id LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'account_id', p.account_id, 'added_at', shared.rfc3339(p.added_at))
               ORDER BY p.n) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg(p.account_id ORDER BY p.n))[p_limit] END
    FROM page p;
END $$;
