-- Automatic promotions of the platform, and of a seller if one is given, that have begun, are not over
-- and have something left, for everybody: without those for segments. Whether one is open at this hour
-- is worked out by whoever shows it.
CREATE OR REPLACE FUNCTION promotion.active_v1(p_seller uuid, p_currency text)
RETURNS TABLE (items text, now_at timestamp)
LANGUAGE plpgsql STABLE
-- One plan, as in `hold_v1`, and one that stops at the first row where one is enough: a bitmap is made of
-- all of them.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
BEGIN
    RETURN QUERY
    SELECT coalesce(jsonb_agg(
               promotion.promotion_json_v1(x.p) ORDER BY (x.p).group_position, (x.p).group_name,
               (x.p).priority DESC, (x.p).id), '[]')::text,
           v_now
    FROM (
        SELECT p FROM promotion.promotion p
        WHERE p.owner_id = p_seller AND p.code IS NULL AND p.enabled AND p.deleted_at IS NULL
          AND coalesce(p.ends_at, 'infinity'::timestamp) > v_now
        UNION ALL
        SELECT p FROM promotion.promotion p
        WHERE p.owner_id IS NULL AND p.code IS NULL AND p.enabled AND p.deleted_at IS NULL
          AND coalesce(p.ends_at, 'infinity'::timestamp) > v_now
    ) x
    WHERE (x.p).starts_at <= v_now AND coalesce((x.p).currency = p_currency::char(3), true)
      AND NOT promotion.spent_v1(x.p)
      AND coalesce(jsonb_array_length((x.p).conditions->'segments'), 0) = 0;
END $$;
