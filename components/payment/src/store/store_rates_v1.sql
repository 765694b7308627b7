-- Keeps rates that were fetched, `{"VND": "25400.5"}`; NULL: the source did not answer, and somebody else
-- may ask it. What is set by hand stays.
CREATE OR REPLACE FUNCTION payment.store_rates_v1(p_base text, p_rates jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
BEGIN
    UPDATE payment.rate_fetch f
    SET lease_until = NULL, fetched_at = CASE WHEN p_rates IS NULL THEN f.fetched_at ELSE v_now END
    WHERE f.base = p_base::char(3);
    INSERT INTO payment.rate AS r (base, quote, rate, source, fetched_at)
    SELECT p_base, x.key, x.value::numeric(24, 12), 'fetched', v_now
    FROM jsonb_each_text(p_rates) x
    WHERE x.key <> p_base
    ORDER BY x.key
    ON CONFLICT (base, quote) DO UPDATE
    SET rate = excluded.rate, source = excluded.source, fetched_at = excluded.fetched_at
    WHERE r.source <> 'manual';
END $$;
