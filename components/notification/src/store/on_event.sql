-- The effect of one consumed event.
CREATE OR REPLACE FUNCTION notification.on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    CASE p_event->>'kind'
        WHEN 'account.registered', 'account.profile_updated' THEN
            PERFORM notification.on_person_v1(p_event);
        WHEN 'account.notification_preferences_changed' THEN
            PERFORM notification.on_preferences_v1(p_event);
        WHEN 'account.erased' THEN
            PERFORM notification.on_erased_v1(p_event);
        WHEN 'account.followed', 'account.unfollowed' THEN
            PERFORM notification.on_follow_v1(p_event);
        WHEN 'product.status_changed' THEN
            PERFORM notification.on_listing_v1(p_event);
        WHEN 'order.placed', 'order.confirmed', 'order.declined', 'order.cancelled',
             'order.shipped', 'order.delivered', 'order.completed' THEN
            PERFORM notification.on_order_v1(p_event);
        WHEN 'cart.abandoned' THEN
            PERFORM notification.on_cart_v1(p_event);
        WHEN 'inventory.low' THEN
            PERFORM notification.on_low_stock_v1(p_event);
        WHEN 'checkout.reminder_due', 'checkout.expired', 'payment.failed', 'payment.late',
             'payment.refunded', 'payout.released',
             'payout.identity_approved', 'payout.identity_rejected', 'payout.skipped',
             'withdrawal.approved', 'withdrawal.rejected', 'withdrawal.paid' THEN
            PERFORM notification.on_money_v1(p_event);
        WHEN 'account.verification_requested', 'account.password_changed',
             'account.signed_in_from_new_device', 'account.access_changed' THEN
            PERFORM notification.on_letter_v1(p_event);
        WHEN 'promotion.exhausted' THEN
            PERFORM notification.on_promotion_v1(p_event);
        ELSE
            RAISE feature_not_supported
                USING MESSAGE = format('notification does not consume %s', p_event->>'kind');
    END CASE;
END $$;
