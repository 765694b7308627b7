-- Holds a provider's statement of some days, from and to including, against our payments and refunds there:
-- what has both, what only one side knows, and where the amounts differ. Days are told apart only to say
-- which rows are meant: a payment at midnight may be on another day there. At most 100 rows of each kind. Money
-- that settles nothing is known here too, whatever was decided: where transfers are collected under one name,
-- all of them together are the payment.
CREATE OR REPLACE FUNCTION payment.reconcile_report_v1(p_provider text, p_from date, p_to date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH theirs AS (
            SELECT r.kind, r.reference, r.amount, r.currency, r.occurred_on AS day,
                   o.id, o.amount AS our_amount, o.currency AS our_currency
            FROM payment.provider_report_line r
            LEFT JOIN LATERAL (
                (SELECT (array_agg(p.id ORDER BY p.unmatched, p.id))[1] AS id, sum(p.amount)::bigint AS amount,
                        p.currency
                 FROM (SELECT l.id, l.amount, l.currency::text, false AS unmatched FROM payment.leg l
                       WHERE r.kind = 'payment' AND l.provider = p_provider AND l.provider_ref = r.reference
                         AND l.state IN ('settled', 'late')
                       UNION ALL
                       SELECT u.id, u.amount, u.currency, true FROM payment.unmatched_payment u
                       WHERE r.kind = 'payment' AND u.provider = p_provider AND u.provider_ref = r.reference
                         AND u.state <> 'settled') p
                 GROUP BY p.currency ORDER BY (p.currency = r.currency::text) DESC, p.currency LIMIT 1)
                UNION ALL
                SELECT g.id, g.amount, l.currency
                FROM payment.refund_leg g JOIN payment.leg l ON l.id = g.leg_id
                WHERE r.kind = 'refund' AND g.provider_ref = r.reference AND g.state = 'done'
                  AND l.provider = p_provider) o ON true
            WHERE r.provider = p_provider AND r.kind IN ('payment', 'refund')
              AND r.occurred_on BETWEEN p_from AND p_to
        ), ours AS (
            SELECT 'payment' AS kind, l.provider_ref AS reference, l.amount, l.currency, l.settled_at::date AS day, l.id
            FROM payment.leg l
            WHERE l.provider = p_provider AND l.state IN ('settled', 'late')
              AND l.settled_at >= p_from AND l.settled_at < p_to + 1
            UNION ALL
            SELECT 'refund', g.provider_ref, g.amount, l.currency, g.updated_at::date, g.id
            FROM payment.refund_leg g JOIN payment.leg l ON l.id = g.leg_id
            WHERE l.provider = p_provider AND g.state = 'done'
              AND g.updated_at >= p_from AND g.updated_at < p_to + 1
        ), finding AS (
            SELECT 'missing_here' AS what, t.kind, t.reference, t.day, NULL::uuid AS id,
                   NULL::bigint AS amount, NULL::text AS currency,
                   t.amount AS their_amount, t.currency::text AS their_currency
            FROM theirs t WHERE t.id IS NULL
            UNION ALL
            SELECT 'amount_differs', t.kind, t.reference, t.day, t.id,
                   t.our_amount, t.our_currency::text, t.amount, t.currency::text
            FROM theirs t WHERE t.id IS NOT NULL AND (t.amount, t.currency) <> (t.our_amount, t.our_currency)
            UNION ALL
            SELECT 'missing_there', o.kind, o.reference, o.day, o.id, o.amount, o.currency::text, NULL, NULL
            FROM ours o
            WHERE NOT EXISTS (SELECT 1 FROM payment.provider_report_line r
                              WHERE r.provider = p_provider AND r.kind = o.kind AND r.reference = o.reference)
        ), counted AS (
            SELECT f.*, row_number() OVER (PARTITION BY f.what ORDER BY f.day, f.kind, f.reference, f.id) AS n
            FROM finding f
        )
        SELECT jsonb_build_object(
            'provider', p_provider, 'from', p_from, 'to', p_to,
            'matched', (SELECT count(*) FROM theirs t
                        WHERE t.id IS NOT NULL AND (t.amount, t.currency) = (t.our_amount, t.our_currency)),
            'missing_here', count(*) FILTER (WHERE c.what = 'missing_here'),
            'missing_there', count(*) FILTER (WHERE c.what = 'missing_there'),
            'amount_differs', count(*) FILTER (WHERE c.what = 'amount_differs'),
            'findings', coalesce(jsonb_agg(jsonb_build_object(
                'what', c.what, 'kind', c.kind, 'reference', c.reference, 'day', c.day, 'id', c.id,
                'amount', c.amount, 'currency', c.currency,
                'their_amount', c.their_amount, 'their_currency', c.their_currency)
                ORDER BY c.what, c.n) FILTER (WHERE c.n <= 100), '[]'))::text
        FROM counted c);
END $$;
