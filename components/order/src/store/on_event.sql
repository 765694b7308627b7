-- What happened to the money: a payment wakes its checkout, and so does the end of its time; a payout
-- is noted on its order, once. An account that is gone leaves no cart; its orders stay.
CREATE OR REPLACE FUNCTION "order".on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
BEGIN
    CASE p_event->>'kind'
        WHEN 'payment.settled' THEN
            PERFORM "order".workflow_signal((v_data->>'session_id')::uuid, 'paid', 'payment', '{}');
        WHEN 'payment.expired' THEN
            PERFORM "order".workflow_signal((v_data->>'session_id')::uuid, 'expired', 'payment', '{}');
        WHEN 'account.erased' THEN
            DELETE FROM "order".cart c WHERE c.account_id = (v_data->>'account_id')::uuid;
        WHEN 'payout.released' THEN
            UPDATE "order"."order" o
            SET payout = (v_data->'amount'->>'amount')::bigint, payout_at = (p_event->>'time')::timestamp,
                version = o.version + 1
            WHERE o.id = (v_data->>'order_id')::uuid AND o.payout IS NULL
              AND o.currency = v_data->'amount'->>'currency';
        ELSE
            RAISE feature_not_supported
                USING MESSAGE = 'order does not consume ' || coalesce(p_event->>'kind', 'this');
    END CASE;
END $$;
