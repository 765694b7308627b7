-- What the person on the page of a payment wants: `pay`, `decline`, `slow` (the webhook comes after 8
-- seconds), `duplicate` (it comes twice), `wrong_amount` (one unit less is paid) or `no_answer` (paid, and
-- nobody hears of it). Answers the payment with the `webhooks` that the page's own request tries at once,
-- `[{"id", "body"}]`; should it not get that far, the lane sends them. A payment that is decided stays as
-- it is, as does any for which nothing is wanted. NULL: there is none.
CREATE OR REPLACE FUNCTION payment.sandbox_choose_v1(p_id uuid, p_choice text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_real timestamp := shared.real_now();
    -- Until then they are the page's.
    v_due timestamp := v_real + interval '2 seconds';
    v_body text;
    v_webhooks jsonb := '[]';
    p payment.sandbox_payment;
BEGIN
    SELECT * INTO p FROM payment.sandbox_payment x WHERE x.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF p.state <> 'open' OR p_choice IS NULL THEN
        RETURN payment.sandbox_json_v1(p) || jsonb_build_object('webhooks', v_webhooks);
    END IF;
    UPDATE payment.sandbox_payment x
    SET choice = p_choice,
        state = CASE p_choice WHEN 'decline' THEN 'declined' ELSE 'paid' END,
        taken = CASE p_choice
            WHEN 'decline' THEN 0
            WHEN 'wrong_amount' THEN CASE x.amount WHEN 1 THEN 2 ELSE x.amount - 1 END
            ELSE x.amount END,
        updated_at = shared.now()
    WHERE x.id = p_id
    RETURNING * INTO p;
    IF p_choice <> 'no_answer' THEN
        v_body := jsonb_build_object(
            'id', shared.uuid_v7(), 'type', 'payment.' || p.state, 'payment', p.id, 'reference', p.leg_id,
            'amount', CASE p.state WHEN 'paid' THEN p.taken ELSE p.amount END,
            'currency', p.currency)::text;
        WITH made AS (
            INSERT INTO payment.sandbox_webhook AS w (id, payment_id, body, due_at)
            SELECT shared.uuid_v7(), p.id, v_body,
                   CASE p_choice WHEN 'slow' THEN v_real + interval '8 seconds' ELSE v_due END
            FROM generate_series(1, CASE p_choice WHEN 'duplicate' THEN 2 ELSE 1 END)
            RETURNING w.id, w.body, w.due_at
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'body', m.body) ORDER BY m.id), '[]')
        INTO v_webhooks FROM made m WHERE m.due_at = v_due;
    END IF;
    RETURN payment.sandbox_json_v1(p) || jsonb_build_object('webhooks', v_webhooks);
END $$;
