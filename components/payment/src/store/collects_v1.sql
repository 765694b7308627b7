-- Whether a provider collects several transfers under its one name for a payment, so that each of its events
-- is money of its own, and what it says when it is asked is the sum. Elsewhere that name stands for one
-- payment, however often and in whatever way it is told.
CREATE OR REPLACE FUNCTION payment.collects_v1(p_provider text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN p_provider = 'sepay';
END $$;
