-- Freezes the rates of some quotes; the snapshot's id is `p_reference`. For a missing key see
-- `add_bank_account_v1`. Refuses with `rate_unavailable` (`missing`) unless all of them serve now.
CREATE OR REPLACE FUNCTION payment.freeze_rates_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_base text, p_quotes text[]
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := payment.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_rates jsonb := payment.rates_json_v1(p_base, p_quotes);
    v_missing jsonb;
    v_row payment.rate_snapshot;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT jsonb_agg(q ORDER BY q) INTO v_missing FROM unnest(p_quotes) q WHERE NOT v_rates ? q;
    IF v_missing IS NOT NULL THEN
        PERFORM shared.refuse('rate_unavailable', jsonb_build_object('missing', v_missing));
    END IF;
    INSERT INTO payment.rate_snapshot AS s (id, account_id, base, rates, fetched_at, created_at)
    SELECT p_reference, p_account, p_base, v_rates, min(r.fetched_at), shared.now()
    FROM payment.rate r WHERE r.base = p_base::char(3) AND r.quote = ANY (p_quotes::char(3)[])
    RETURNING s.* INTO v_row;
    v_body := payment.rate_snapshot_json_v1(v_row)::text;
    PERFORM payment.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
