-- The books of a withdrawal that was approved follow the bank: out of `pending_withdrawal` with it. A
-- workflow's step; anything else that it finds is left as it is.
CREATE OR REPLACE FUNCTION payment.withdrawal_paid_v1(p_id uuid, p_note jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    w payment.withdrawal;
BEGIN
    IF NOT payment.workflow_note(p_note) THEN
        RETURN false;
    END IF;
    UPDATE payment.withdrawal x SET state = 'paid', paid_at = shared.now(), version = x.version + 1
    WHERE x.id = p_id AND x.state = 'approved'
    RETURNING x.* INTO w;
    IF w.id IS NOT NULL THEN
        PERFORM payment.move_withdrawal_v1(w, 'paid');
        PERFORM payment.tell_withdrawal_v1(w, NULL);
    END IF;
    RETURN true;
END $$;
