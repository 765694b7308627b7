-- Uncounts the uses of holds whose rows the caller has, and whose state it changes.
CREATE OR REPLACE FUNCTION promotion.give_back_v1(p_references uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    u record;
BEGIN
    UPDATE promotion.hold_use x SET held = false WHERE x.reference = ANY (p_references) AND x.held;
    FOR u IN
        SELECT x.promotion_id, h.account_id, count(*)::integer AS uses
        FROM promotion.hold_use x JOIN promotion.hold h ON h.reference = x.reference
        WHERE x.reference = ANY (p_references)
        GROUP BY x.promotion_id, h.account_id
        ORDER BY x.promotion_id, h.account_id
    LOOP
        UPDATE promotion.account_usage a SET uses = a.uses - u.uses
        WHERE a.promotion_id = u.promotion_id AND a.account_id = u.account_id;
    END LOOP;
    FOR u IN
        SELECT x.promotion_id, sum(x.amount)::bigint AS amount, count(*) AS uses
        FROM promotion.hold_use x
        WHERE x.reference = ANY (p_references)
        GROUP BY x.promotion_id
        ORDER BY x.promotion_id
    LOOP
        UPDATE promotion.promotion p
        SET used_amount = p.used_amount - u.amount,
            used_uses = p.used_uses - u.uses,
            -- There is some again, and the next who spends it tells anew.
            exhausted_told = p.exhausted_told
                AND (coalesce(p.used_uses - u.uses >= p.usage_limit, false)
                     OR coalesce(p.used_amount - u.amount >= p.budget, false))
        WHERE p.id = u.promotion_id;
    END LOOP;
END $$;
