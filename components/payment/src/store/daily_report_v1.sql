-- What came and went by each provider, day (UTC) and currency, from and to including: attempts by the day
-- they began and what became of them, payments by the day they settled, refunds by the day the provider
-- made them, fees as the provider's statement has them. NULL: all providers.
CREATE OR REPLACE FUNCTION payment.daily_report_v1(p_from date, p_to date, p_provider text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH fact AS (
            SELECT l.created_at::date AS day, l.provider, l.currency, 1 AS attempt,
                   (l.state IN ('settled', 'late'))::integer AS won,
                   (l.state IN ('failed', 'cancelled'))::integer AS lost,
                   0 AS payment, 0::numeric AS volume, 0 AS refund, 0::numeric AS refunded, 0::numeric AS fee
            FROM payment.leg l
            WHERE l.method = 'provider' AND l.created_at >= p_from AND l.created_at < p_to + 1
              AND (p_provider IS NULL OR l.provider = p_provider)
            UNION ALL
            SELECT l.settled_at::date, l.provider, l.currency, 0, 0, 0, 1, l.amount, 0, 0, 0
            FROM payment.leg l
            WHERE l.method = 'provider' AND l.settled_at >= p_from AND l.settled_at < p_to + 1
              AND (p_provider IS NULL OR l.provider = p_provider)
            UNION ALL
            SELECT g.updated_at::date, l.provider, l.currency, 0, 0, 0, 0, 0, 1, g.amount, 0
            FROM payment.refund_leg g JOIN payment.leg l ON l.id = g.leg_id
            WHERE l.method = 'provider' AND g.state = 'done'
              AND g.updated_at >= p_from AND g.updated_at < p_to + 1
              AND (p_provider IS NULL OR l.provider = p_provider)
            UNION ALL
            SELECT r.occurred_on, r.provider, r.currency, 0, 0, 0, 0, 0, 0, 0, r.amount
            FROM payment.provider_report_line r
            WHERE r.kind = 'fee' AND r.occurred_on BETWEEN p_from AND p_to
              AND (p_provider IS NULL OR r.provider = p_provider)
        ), row AS (
            SELECT f.day, f.provider, f.currency, sum(f.attempt) AS attempts, sum(f.won) AS won, sum(f.lost) AS lost,
                   sum(f.payment) AS payments, sum(f.volume) AS volume,
                   sum(f.refund) AS refunds, sum(f.refunded) AS refunded, sum(f.fee) AS fees
            FROM fact f GROUP BY f.day, f.provider, f.currency
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'day', r.day, 'provider', r.provider, 'currency', r.currency,
                   'attempts', r.attempts, 'succeeded', r.won, 'failed', r.lost,
                   'success_rate', CASE WHEN r.won + r.lost > 0 THEN round(r.won::numeric / (r.won + r.lost), 4) END,
                   'payments', r.payments, 'volume', r.volume,
                   'refunds', r.refunds, 'refunded', r.refunded, 'fees', r.fees)
               ORDER BY r.day, r.provider, r.currency), '[]')::text
        FROM row r);
END $$;
