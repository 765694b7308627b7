-- Publishes the state that a withdrawal has come to. Who cancels knows.
CREATE OR REPLACE FUNCTION payment.tell_withdrawal_v1(w payment.withdrawal, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF w.state <> 'cancelled' THEN
        PERFORM payment.publish('withdrawal.' || w.state, w.id, w.version, jsonb_strip_nulls(jsonb_build_object(
            'withdrawal_id', w.id, 'account_id', w.account_id, 'amount', shared.money(w.amount, w.currency),
            'reason', CASE w.state WHEN 'rejected' THEN coalesce(w.reason, '') END)), p_trace);
    END IF;
END $$;
