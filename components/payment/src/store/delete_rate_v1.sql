-- Removes a rate that was set by hand; the source is asked again for what it says. Whether there was one.
CREATE OR REPLACE FUNCTION payment.delete_rate_v1(p_base text, p_quote text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM payment.rate r
    WHERE r.base = p_base::char(3) AND r.quote = p_quote::char(3) AND r.source = 'manual';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE payment.rate_fetch f SET fetched_at = NULL WHERE f.base = p_base::char(3);
    RETURN true;
END $$;
