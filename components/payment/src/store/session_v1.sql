-- A session for its payer; no row where there is none of theirs.
CREATE OR REPLACE FUNCTION payment.session_v1(p_payer uuid, p_session uuid)
RETURNS TABLE (version bigint, body text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT s.version, payment.session_json_v1(s)::text
    FROM payment.session s WHERE s.id = p_session AND s.payer_id = p_payer;
END $$;
