-- The provider has an attempt and waits for the payer. One that has got further, or was given up
-- meanwhile, keeps its state, and only learns what the provider calls it. Answers how the session stands.
CREATE OR REPLACE FUNCTION payment.leg_opened_v1(
    p_leg uuid, p_provider_ref text, p_pay_url text, p_client_data jsonb
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    s payment.session;
BEGIN
    SELECT x.* INTO s FROM payment.session x
    WHERE x.id = (SELECT l.session_id FROM payment.leg l WHERE l.id = p_leg)
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE invalid_parameter_value USING MESSAGE = 'there is no leg ' || p_leg;
    END IF;
    UPDATE payment.leg l
    SET state = CASE l.state WHEN 'created' THEN 'pending' ELSE l.state END,
        provider_ref = coalesce(l.provider_ref, p_provider_ref),
        pay_url = coalesce(l.pay_url, p_pay_url),
        client_data = coalesce(l.client_data, p_client_data),
        updated_at = shared.now()
    WHERE l.id = p_leg;
    UPDATE payment.session x SET version = x.version + 1 WHERE x.id = s.id RETURNING x.* INTO s;
    RETURN payment.session_state_v1(s);
END $$;
