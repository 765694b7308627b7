-- What of a promotion is held by checkouts under way, and what is spent.
CREATE OR REPLACE FUNCTION promotion.used_v1(p_id uuid)
RETURNS TABLE (held_uses bigint, spent_uses bigint, held_amount bigint, spent_amount bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT h.uses, p.used_uses - h.uses, h.amount, p.used_amount - h.amount
    FROM promotion.promotion p
    CROSS JOIN (
        SELECT count(*) AS uses, coalesce(sum(x.amount), 0)::bigint AS amount
        FROM promotion.hold_use x WHERE x.promotion_id = p_id AND x.held) h
    WHERE p.id = p_id;
END $$;
