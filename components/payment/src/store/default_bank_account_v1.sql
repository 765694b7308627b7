-- Makes a bank account the default of its currency. NULL: it is not the caller's.
CREATE OR REPLACE FUNCTION payment.default_bank_account_v1(p_account uuid, p_id uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_row payment.bank_account;
BEGIN
    PERFORM payment.hold_saved_v1('bank_account', p_account);
    SELECT * INTO v_row FROM payment.bank_account b
    WHERE b.id = p_id AND b.account_id = p_account AND b.deleted_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- Before, and not together: the unique index looks at each row as it changes.
    UPDATE payment.bank_account b SET is_default = false
    WHERE b.account_id = p_account AND b.currency = v_row.currency AND b.is_default
      AND b.deleted_at IS NULL AND b.id <> p_id;
    UPDATE payment.bank_account b SET is_default = true WHERE b.id = p_id RETURNING b.* INTO v_row;
    RETURN payment.bank_account_json_v1(v_row, false)::text;
END $$;
