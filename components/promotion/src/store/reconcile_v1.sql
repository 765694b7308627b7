-- Where the counters and the holds do not agree: no row when all is well. It sees one moment, so it may
-- run while others buy.
CREATE OR REPLACE FUNCTION promotion.reconcile_v1()
RETURNS TABLE (promotion uuid, account uuid, what text, expected bigint, found bigint)
LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT x.promotion_id, h.account_id, x.amount, x.held, h.state
        FROM promotion.hold_use x JOIN promotion.hold h ON h.reference = x.reference
        WHERE h.state IN ('held', 'committed')
    ), total AS (
        SELECT c.promotion_id, count(*) AS uses, sum(c.amount)::bigint AS amount
        FROM counted c GROUP BY c.promotion_id
    ), by_account AS (
        SELECT c.promotion_id, c.account_id, count(*) AS uses FROM counted c GROUP BY 1, 2
    )
    SELECT p.id, NULL::uuid, v.what, v.expected, v.found
    FROM promotion.promotion p
    LEFT JOIN total t ON t.promotion_id = p.id
    CROSS JOIN LATERAL (VALUES
        ('uses', coalesce(t.uses, 0), p.used_uses),
        ('amount', coalesce(t.amount, 0), p.used_amount)) AS v(what, expected, found)
    WHERE v.expected <> v.found
    UNION ALL
    SELECT coalesce(b.promotion_id, a.promotion_id), coalesce(b.account_id, a.account_id),
           'uses of the account', coalesce(b.uses, 0), coalesce(a.uses, 0)
    FROM by_account b
    FULL JOIN promotion.account_usage a ON a.promotion_id = b.promotion_id AND a.account_id = b.account_id
    WHERE coalesce(b.uses, 0) <> coalesce(a.uses, 0)
    UNION ALL
    SELECT x.promotion_id, h.account_id, 'held', (h.state = 'held')::int::bigint, x.held::int::bigint
    FROM promotion.hold_use x JOIN promotion.hold h ON h.reference = x.reference
    WHERE x.held <> (h.state = 'held')
$$;
