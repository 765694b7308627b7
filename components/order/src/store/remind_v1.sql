-- Reminds the buyer of a checkout that waits for its payment.
CREATE OR REPLACE FUNCTION "order".remind_v1(p_note jsonb, p_checkout uuid, p_reminder integer, p_trace text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_row "order".checkout;
BEGIN
    IF NOT "order".workflow_note(p_note) THEN
        RETURN false;
    END IF;
    UPDATE "order".checkout c SET reminders = p_reminder, version = c.version + 1
    WHERE c.id = p_checkout AND c.status = 'awaiting_payment'
    RETURNING c.* INTO v_row;
    IF FOUND THEN
        PERFORM "order".publish('checkout.reminder_due', p_checkout, v_row.version, jsonb_build_object(
            'checkout_id', p_checkout, 'buyer_id', v_row.buyer_id,
            'total', shared.money(v_row.total, v_row.currency), 'reminder', p_reminder,
            'expires_at', shared.rfc3339(v_row.expires_at)), p_trace);
    END IF;
    RETURN true;
END $$;
