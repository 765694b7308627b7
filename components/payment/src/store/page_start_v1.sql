-- Where a page begins that comes after the row of id `p_after`, whose time is `p_at`. `p_after` NULL: with the first
-- row; `p_at` NULL: nowhere, since nothing comes after a row that there is not.
CREATE OR REPLACE FUNCTION payment.page_start_v1(p_newest_first boolean, p_after uuid, p_at timestamp)
RETURNS TABLE (at timestamp, id uuid)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN QUERY SELECT
        coalesce(p_at, CASE WHEN p_newest_first = (p_after IS NULL) THEN 'infinity' ELSE '-infinity' END::timestamp),
        coalesce(p_after, CASE WHEN p_newest_first THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'
                               ELSE '00000000-0000-0000-0000-000000000000' END::uuid);
END $$;
