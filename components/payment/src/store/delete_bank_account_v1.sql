-- Deletes a bank account; the newest that remains in its currency becomes the default where it was.
-- False: it is not the caller's. Refuses with `withdrawal_open` while money is on its way to it.
CREATE OR REPLACE FUNCTION payment.delete_bank_account_v1(p_account uuid, p_id uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_gone payment.bank_account;
BEGIN
    PERFORM payment.hold_saved_v1('bank_account', p_account);
    -- A withdrawal that is just being asked for holds the row.
    SELECT * INTO v_gone FROM payment.bank_account b
    WHERE b.id = p_id AND b.account_id = p_account AND b.deleted_at IS NULL
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF EXISTS (SELECT 1 FROM payment.withdrawal w
                  WHERE w.bank_account_id = p_id AND w.state IN ('requested', 'approved')) THEN
        PERFORM shared.refuse('withdrawal_open');
    END IF;
    UPDATE payment.bank_account b SET deleted_at = shared.now() WHERE b.id = p_id;
    IF v_gone.is_default THEN
        UPDATE payment.bank_account b SET is_default = true
        WHERE b.id = (SELECT x.id FROM payment.bank_account x
                      WHERE x.account_id = p_account AND x.currency = v_gone.currency AND x.deleted_at IS NULL
                      ORDER BY x.id DESC LIMIT 1);
    END IF;
    RETURN true;
END $$;
