-- The provider did not answer: the same request may try again at once, and finds its leg.
CREATE OR REPLACE FUNCTION payment.attempt_lapse_v1(p_payer uuid, p_key text, p_leg uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payment.idempotency i SET lease_until = shared.real_now()
    WHERE i.account_id = p_payer AND i.key = p_key AND i.reference = p_leg AND i.status IS NULL;
END $$;
