-- The use of a promotion as JSON, for those who may change it; NULL for anybody else.
CREATE OR REPLACE FUNCTION promotion.usage_v1(p_account uuid, p_staff boolean, p_id uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_body text;
BEGIN
    SELECT jsonb_build_object(
        'promotion_id', p.id,
        'held', jsonb_build_object('uses', u.held_uses, 'amount', shared.money(u.held_amount, p.currency)),
        'spent', jsonb_build_object('uses', u.spent_uses, 'amount', shared.money(u.spent_amount, p.currency)),
        'remaining', jsonb_build_object(
            'uses', p.usage_limit - p.used_uses,
            'amount', CASE WHEN p.budget IS NOT NULL THEN shared.money(p.budget - p.used_amount, p.currency) END),
        'exhausted', promotion.spent_v1(p))::text
    INTO v_body
    FROM promotion.promotion p CROSS JOIN LATERAL promotion.used_v1(p.id) u
    WHERE p.id = p_id AND p.deleted_at IS NULL AND coalesce(p.owner_id = p_account, p_staff);
    RETURN v_body;
END $$;
