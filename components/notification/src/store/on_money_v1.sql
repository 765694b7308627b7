-- Tells what became of somebody's money: a checkout that waits for it, a payment, a payout, a withdrawal.
CREATE OR REPLACE FUNCTION notification.on_money_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
    -- The id of what it is about, whose it is, and what else there is to say.
    v_about text;
    v_whose text;
    v_facts text[];
BEGIN
    CASE p_event->>'kind'
        WHEN 'checkout.reminder_due' THEN
            v_about := 'checkout_id'; v_whose := 'buyer_id'; v_facts := '{total,reminder,expires_at}';
        WHEN 'checkout.expired' THEN
            v_about := 'checkout_id'; v_whose := 'buyer_id'; v_facts := '{total}';
        WHEN 'payment.failed' THEN
            v_about := 'session_id'; v_whose := 'payer_id'; v_facts := '{provider,reason}';
        WHEN 'payment.late' THEN
            v_about := 'session_id'; v_whose := 'payer_id'; v_facts := '{amount,provider}';
        WHEN 'payment.refunded' THEN
            v_about := 'refund_id'; v_whose := 'payer_id'; v_facts := '{session_id,order_id,amount}';
        WHEN 'payout.released' THEN
            v_about := 'order_id'; v_whose := 'seller_id'; v_facts := '{amount,commission}';
        WHEN 'payout.identity_approved' THEN
            v_about := 'identity_id'; v_whose := 'account_id'; v_facts := '{}';
        WHEN 'payout.identity_rejected' THEN
            v_about := 'identity_id'; v_whose := 'account_id'; v_facts := '{reason}';
        WHEN 'payout.skipped' THEN
            v_about := 'schedule_id'; v_whose := 'account_id'; v_facts := '{amount,missing}';
        WHEN 'withdrawal.approved', 'withdrawal.paid' THEN
            v_about := 'withdrawal_id'; v_whose := 'account_id'; v_facts := '{amount}';
        WHEN 'withdrawal.rejected' THEN
            v_about := 'withdrawal_id'; v_whose := 'account_id'; v_facts := '{amount,reason}';
    END CASE;
    IF (v_data->>v_about)::uuid IS NULL THEN
        RAISE not_null_violation USING MESSAGE = format('%s is missing', v_about);
    END IF;
    PERFORM notification.notify_v1(p_event, (v_data->>v_whose)::uuid,
        CASE v_whose WHEN 'seller_id' THEN 'seller' WHEN 'account_id' THEN 'owner' ELSE 'buyer' END,
        (SELECT jsonb_object_agg(fact, v_data->fact) FROM unnest(v_about || v_facts) AS fact));
END $$;
