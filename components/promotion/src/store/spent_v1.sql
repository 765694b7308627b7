-- Whether a promotion has nothing left.
CREATE OR REPLACE FUNCTION promotion.spent_v1(p_promotion promotion.promotion) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(p_promotion.used_uses >= p_promotion.usage_limit, false)
        OR coalesce(p_promotion.used_amount >= p_promotion.budget, false)
$$;
