-- Whether the caller shall ask the source for a base: nobody else does now, and has 10 seconds for it.
CREATE OR REPLACE FUNCTION payment.claim_rates_v1(p_base text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
BEGIN
    INSERT INTO payment.rate_fetch AS f (base, lease_until) VALUES (p_base, v_now + interval '10 seconds')
    ON CONFLICT (base) DO UPDATE SET lease_until = excluded.lease_until
    WHERE f.lease_until IS NULL OR f.lease_until <= v_now;
    RETURN FOUND;
END $$;
