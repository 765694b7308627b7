-- What one unit of a currency is worth: the rates that serve now, whether it is time to ask the source
-- again (it was not in the last 6 hours), and whether any rate serves.
CREATE OR REPLACE FUNCTION payment.rates_v1(p_base text) RETURNS TABLE (body text, stale boolean, known boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_rates jsonb := payment.rates_json_v1(p_base, NULL);
    v_fetched_at timestamp := (SELECT f.fetched_at FROM payment.rate_fetch f WHERE f.base = p_base::char(3));
BEGIN
    RETURN QUERY SELECT
        jsonb_build_object('base', p_base, 'rates', v_rates, 'fetched_at', shared.rfc3339(v_fetched_at))::text,
        coalesce(v_fetched_at <= shared.now() - interval '6 hours', true),
        v_rates <> '{}';
END $$;
