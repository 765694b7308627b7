-- What one unit of each of some currencies is worth in `p_quote`, `{"USD": "25400.5"}`, of those for which a
-- rate serves now.
CREATE OR REPLACE FUNCTION payment.rates_into_v1(p_quote text, p_bases text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(r.base, trim_scale(r.rate)::text), '{}')
            FROM payment.rate r
            WHERE r.base = ANY (p_bases::char(3)[]) AND r.quote = p_quote::char(3)
              AND (r.source = 'manual' OR r.fetched_at > shared.now() - interval '6 hours'));
END $$;
