-- Rates that serve now, `{"VND": "25400.5"}`: those set by hand, and those fetched in the last 6 hours.
-- All of a base, or of some quotes.
CREATE OR REPLACE FUNCTION payment.rates_json_v1(p_base text, p_quotes text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(r.quote, trim_scale(r.rate)::text), '{}')
            FROM payment.rate r
            WHERE r.base = p_base::char(3)
              AND (p_quotes IS NULL OR r.quote = ANY (p_quotes::char(3)[]))
              AND (r.source = 'manual' OR r.fetched_at > shared.now() - interval '6 hours'));
END $$;
