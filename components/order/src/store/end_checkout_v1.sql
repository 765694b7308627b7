-- Ends a checkout that does not become orders, once everything held for it has been given back. One
-- that has waited for its payment stays, `cancelled` or `expired`, and keeps its key: a repetition of
-- the request is told so, and buys nothing. Of one that never waited nothing is left but the key,
-- which is given up, so that the client may repeat the request at once. The cart is not touched.
-- Repeating it changes nothing.
CREATE OR REPLACE FUNCTION "order".end_checkout_v1(
    p_buyer uuid, p_key text, p_checkout uuid, p_status text, p_reason text, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_row "order".checkout;
BEGIN
    UPDATE "order".checkout c
    SET status = p_status, version = c.version + 1, ended_reason = p_reason, pay_url = NULL
    WHERE c.id = p_checkout AND c.status = 'awaiting_payment'
    RETURNING c.* INTO v_row;
    IF FOUND THEN
        PERFORM "order".publish('checkout.' || p_status, p_checkout, v_row.version,
            jsonb_build_object('checkout_id', p_checkout, 'buyer_id', v_row.buyer_id,
                               'total', shared.money(v_row.total, v_row.currency))
            || CASE p_status WHEN 'cancelled' THEN jsonb_build_object('reason', p_reason) ELSE '{}' END,
            p_trace);
    ELSIF NOT EXISTS (SELECT 1 FROM "order".checkout c WHERE c.id = p_checkout) THEN
        PERFORM "order".idempotency_abandon(p_buyer, p_key, p_checkout);
    END IF;
END $$;
