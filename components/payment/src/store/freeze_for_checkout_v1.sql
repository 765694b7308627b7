-- Freezes what one unit of each of some currencies is worth in `p_quote`, under a checkout's id: whoever asks
-- again gets the same rates. A currency that was not among them is frozen as it is by then. Refuses with
-- `rate_unavailable` (`missing`) unless all of them are there.
CREATE OR REPLACE FUNCTION payment.freeze_for_checkout_v1(
    p_account uuid, p_checkout uuid, p_quote text, p_bases text[]
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_rates jsonb := (SELECT s.rates FROM payment.rate_snapshot s
                      WHERE s.id = p_checkout AND s.account_id = p_account AND s.quote = p_quote::char(3));
    v_new text[];
    v_found jsonb;
    v_missing jsonb;
BEGIN
    IF v_rates ?& p_bases THEN
        RETURN v_rates;
    END IF;
    v_new := ARRAY(SELECT b FROM unnest(p_bases) b WHERE v_rates IS NULL OR NOT v_rates ? b);
    v_found := payment.rates_into_v1(p_quote, v_new);
    SELECT jsonb_agg(b ORDER BY b) INTO v_missing FROM unnest(v_new) b WHERE NOT v_found ? b;
    IF v_missing IS NOT NULL THEN
        PERFORM shared.refuse('rate_unavailable', jsonb_build_object('missing', v_missing));
    END IF;
    INSERT INTO payment.rate_snapshot AS s (id, account_id, quote, rates, fetched_at, created_at)
    SELECT p_checkout, p_account, p_quote, v_found, min(r.fetched_at), shared.now()
    FROM payment.rate r WHERE r.base = ANY (v_new::char(3)[]) AND r.quote = p_quote::char(3)
    -- What was frozen first counts, by whomever.
    ON CONFLICT (id) DO UPDATE
    SET rates = excluded.rates || s.rates, fetched_at = least(s.fetched_at, excluded.fetched_at)
    WHERE s.account_id = excluded.account_id AND s.quote = excluded.quote
    RETURNING s.rates INTO v_rates;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'rates of % are frozen for somebody else, or for another currency', p_checkout;
    END IF;
    RETURN v_rates;
END $$;
