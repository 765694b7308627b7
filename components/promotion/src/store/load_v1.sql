-- Everything that decides about a basket, as JSON: the promotions with these codes in whatever state, the
-- automatic ones of its sellers and of the platform that are not over, how often this account has used
-- each, its segments, whether it has ordered before, and whether there are automatic ones at all.
CREATE OR REPLACE FUNCTION promotion.load_v1(
    p_account uuid, p_currency text, p_sellers uuid[], p_codes text[]
) RETURNS text
LANGUAGE plpgsql
-- One plan, as in `hold_v1`, and one that stops at the first row where one is enough: a bitmap is made of
-- all of them.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_promotions jsonb;
BEGIN
    SELECT jsonb_agg(promotion.loaded_json_v1(c.p, a.uses)) INTO v_promotions
    FROM (
        SELECT p FROM promotion.promotion p
        WHERE p.code = ANY (p_codes) AND p.deleted_at IS NULL
        UNION ALL
        SELECT p FROM promotion.promotion p
        WHERE p.owner_id = ANY (p_sellers) AND p.currency = p_currency::char(3)
          AND p.code IS NULL AND p.enabled AND p.deleted_at IS NULL
          AND coalesce(p.ends_at, 'infinity'::timestamp) > v_now AND p.starts_at <= v_now
        UNION ALL
        SELECT p FROM promotion.promotion p
        WHERE p.owner_id IS NULL AND p.currency = p_currency::char(3)
          AND p.code IS NULL AND p.enabled AND p.deleted_at IS NULL
          AND coalesce(p.ends_at, 'infinity'::timestamp) > v_now AND p.starts_at <= v_now
    ) c
    LEFT JOIN promotion.account_usage a ON a.promotion_id = (c.p).id AND a.account_id = p_account;

    RETURN jsonb_build_object(
        'now', shared.rfc3339(v_now),
        'promotions', coalesce(v_promotions, '[]'),
        'ordered_before', EXISTS (SELECT FROM promotion.buyer b WHERE b.account_id = p_account),
        'segments', (SELECT coalesce(jsonb_agg(s.segment), '[]') FROM promotion.segment_member s
                     WHERE s.account_id = p_account),
        'automatic', EXISTS (
            SELECT FROM promotion.promotion p
            WHERE p.code IS NULL AND p.enabled AND p.deleted_at IS NULL AND p.id IS NOT NULL
              AND p.ends_at IS NULL
        ) OR EXISTS (
            SELECT FROM promotion.promotion p
            WHERE p.code IS NULL AND p.enabled AND p.deleted_at IS NULL AND p.id IS NOT NULL
              AND p.ends_at > v_now))::text;
END $$;
