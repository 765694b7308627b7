-- An account is gone: it is charged by no saved method any more, and bank accounts are forgotten that no
-- withdrawal names; the books need the others. What its wallet holds stays its own.
CREATE OR REPLACE FUNCTION payment.account_erased_v1(p_account uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM payment.hold_saved_v1('saved_method', p_account);
    DELETE FROM payment.saved_method m WHERE m.account_id = p_account;
    PERFORM payment.hold_saved_v1('bank_account', p_account);
    DELETE FROM payment.bank_account b
    WHERE b.account_id = p_account
      AND NOT EXISTS (SELECT FROM payment.withdrawal w WHERE w.bank_account_id = b.id);
    UPDATE payment.bank_account b SET deleted_at = shared.now(), is_default = false
    WHERE b.account_id = p_account AND b.deleted_at IS NULL;
END $$;
