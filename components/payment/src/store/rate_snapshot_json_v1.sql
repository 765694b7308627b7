-- A snapshot of rates as the API shows it.
CREATE OR REPLACE FUNCTION payment.rate_snapshot_json_v1(s payment.rate_snapshot) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', s.id, 'base', s.base, 'quote', s.quote, 'rates', s.rates,
        'fetched_at', shared.rfc3339(s.fetched_at), 'created_at', shared.rfc3339(s.created_at));
END $$;
