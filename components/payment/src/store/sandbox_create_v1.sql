-- Makes a payment, or answers the one that there is for the leg. `p_choice` is NULL for one that waits for
-- somebody on its page, `instant` or `instant_decline` for one that is decided at once.
CREATE OR REPLACE FUNCTION payment.sandbox_create_v1(
    p_id uuid, p_leg uuid, p_session uuid, p_amount bigint, p_currency text, p_description text,
    p_return_url text, p_choice text
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    p payment.sandbox_payment;
BEGIN
    INSERT INTO payment.sandbox_payment AS x
        (id, leg_id, session_id, amount, currency, description, return_url, choice, state, taken, created_at,
         updated_at)
    VALUES (p_id, p_leg, p_session, p_amount, p_currency, p_description, p_return_url, p_choice,
            CASE p_choice WHEN 'instant' THEN 'paid' WHEN 'instant_decline' THEN 'declined' ELSE 'open' END,
            CASE p_choice WHEN 'instant' THEN p_amount ELSE 0 END, v_now, v_now)
    ON CONFLICT (leg_id) DO NOTHING
    RETURNING x.* INTO p;
    IF p.id IS NULL THEN
        SELECT * INTO STRICT p FROM payment.sandbox_payment x WHERE x.leg_id = p_leg;
    END IF;
    RETURN payment.sandbox_json_v1(p);
END $$;
