-- A page of a buyer's checkouts, newest first, of one state or of all. A page begins after the
-- checkout `p_after`.
CREATE OR REPLACE FUNCTION "order".checkouts_page_v1(
    p_buyer uuid, p_status text, p_after uuid, p_limit integer
) RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_after uuid := coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_ids uuid[];
BEGIN
    -- A query for each index; nearly all checkouts are placed ones.
    IF p_status IS NULL THEN
        v_ids := ARRAY(SELECT c.id FROM "order".checkout c
            WHERE c.buyer_id = p_buyer AND c.id < v_after
            ORDER BY c.id DESC LIMIT p_limit + 1);
    ELSIF p_status = 'placed' THEN
        v_ids := ARRAY(SELECT c.id FROM "order".checkout c
            WHERE c.buyer_id = p_buyer AND c.id < v_after AND c.status = 'placed'
            ORDER BY c.id DESC LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(SELECT c.id FROM "order".checkout c
            WHERE c.buyer_id = p_buyer AND c.status = p_status AND c.status <> 'placed' AND c.id < v_after
            ORDER BY c.id DESC LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'id', c.id,
                    'status', c.status,
                    'total', shared.money(c.total, c.currency),
                    'provider', c.provider,
                    'begun_at', shared.rfc3339(coalesce(c.begun_at, c.placed_at)),
                    'expires_at', shared.rfc3339(c.expires_at),
                    'placed_at', shared.rfc3339(c.placed_at))
                ORDER BY c.id DESC), '[]')::text
         FROM "order".checkout c WHERE c.id = ANY (v_ids[:p_limit])),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
