-- The workflow of a withdrawal was given up. Where nobody has decided yet the money is back in the wallet;
-- what is on its way to the bank is paid.
CREATE OR REPLACE FUNCTION payment.withdrawal_given_up_v1(p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    w payment.withdrawal;
BEGIN
    UPDATE payment.withdrawal x
    SET state = CASE x.state WHEN 'requested' THEN 'cancelled' ELSE 'paid' END,
        decided_at = coalesce(x.decided_at, v_now),
        paid_at = CASE x.state WHEN 'approved' THEN v_now END,
        version = x.version + 1
    WHERE x.id = p_id AND x.state IN ('requested', 'approved')
    RETURNING x.* INTO w;
    IF w.id IS NOT NULL THEN
        PERFORM payment.move_withdrawal_v1(w, CASE w.state WHEN 'paid' THEN 'paid' ELSE 'returned' END);
        PERFORM payment.tell_withdrawal_v1(w, NULL);
    END IF;
END $$;
