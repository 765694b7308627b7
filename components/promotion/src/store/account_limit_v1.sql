-- How often an account may use a promotion; NULL: without end. One for first orders once, so that
-- several checkouts under way do not all count as the first.
CREATE OR REPLACE FUNCTION promotion.account_limit_v1(p_promotion promotion.promotion) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN (p_promotion.conditions->>'first_order_only')::boolean THEN 1
                ELSE p_promotion.usage_limit_per_account END
$$;
