-- Answers a request for an attempt, and stores the answer under its key.
CREATE OR REPLACE FUNCTION payment.attempt_answer_v1(p_payer uuid, p_key text, p_session uuid)
RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_body text;
BEGIN
    SELECT x.body INTO STRICT v_body FROM payment.session_v1(p_payer, p_session) x;
    PERFORM payment.idempotency_end(p_payer, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
