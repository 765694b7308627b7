-- Sets a rate by hand; it serves until it is set again or removed.
CREATE OR REPLACE FUNCTION payment.set_rate_v1(p_base text, p_quote text, p_rate text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_row payment.rate;
BEGIN
    INSERT INTO payment.rate AS r (base, quote, rate, source, fetched_at)
    VALUES (p_base, p_quote, p_rate::numeric(24, 12), 'manual', shared.now())
    ON CONFLICT (base, quote) DO UPDATE
    SET rate = excluded.rate, source = excluded.source, fetched_at = excluded.fetched_at
    RETURNING r.* INTO v_row;
    RETURN jsonb_build_object(
        'base', v_row.base, 'quote', v_row.quote, 'rate', trim_scale(v_row.rate)::text,
        'source', v_row.source, 'set_at', shared.rfc3339(v_row.fetched_at))::text;
END $$;
