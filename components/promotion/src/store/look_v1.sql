-- Refuses uses that cannot be had now (see `hold_v1`), as far as one can see without locking anything.
CREATE OR REPLACE FUNCTION promotion.look_v1(p_account uuid, p_currency text, p_uses jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_gone jsonb;
BEGIN
    SELECT jsonb_agg(u.promotion_id ORDER BY u.promotion_id) INTO v_gone
    FROM jsonb_to_recordset(p_uses) AS u(promotion_id uuid, version bigint, amount bigint)
    LEFT JOIN promotion.promotion p ON p.id = u.promotion_id
    LEFT JOIN promotion.account_usage a ON a.promotion_id = u.promotion_id AND a.account_id = p_account
    WHERE (p.version = u.version AND p.currency = p_currency AND p.enabled AND p.deleted_at IS NULL
           AND p.starts_at <= v_now AND coalesce(p.ends_at > v_now, true)
           AND coalesce(p.used_amount + u.amount <= p.budget, true)
           AND coalesce(p.used_uses < p.usage_limit, true)
           AND coalesce(a.uses < promotion.account_limit_v1(p), true)
           AND NOT (coalesce((p.conditions->>'first_order_only')::boolean, false)
                    AND EXISTS (SELECT FROM promotion.buyer b WHERE b.account_id = p_account))
          ) IS NOT TRUE;
    IF v_gone IS NOT NULL THEN
        PERFORM shared.refuse('gone', jsonb_build_object('promotions', v_gone));
    END IF;
END $$;
