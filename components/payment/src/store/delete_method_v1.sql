-- Deletes a saved method; the newest that remains becomes the default where it was. Attempts that were
-- begun with it go on. False: it is not the caller's.
CREATE OR REPLACE FUNCTION payment.delete_method_v1(p_account uuid, p_id uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_gone payment.saved_method;
BEGIN
    PERFORM payment.hold_saved_v1('saved_method', p_account);
    UPDATE payment.saved_method m SET deleted_at = shared.now()
    WHERE m.id = p_id AND m.account_id = p_account AND m.deleted_at IS NULL
    RETURNING m.* INTO v_gone;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF v_gone.is_default THEN
        UPDATE payment.saved_method m SET is_default = true
        WHERE m.id = (SELECT x.id FROM payment.saved_method x
                      WHERE x.account_id = p_account AND x.deleted_at IS NULL ORDER BY x.id DESC LIMIT 1);
    END IF;
    RETURN true;
END $$;
