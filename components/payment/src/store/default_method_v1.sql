-- Makes a saved method the default. NULL: it is not the caller's.
CREATE OR REPLACE FUNCTION payment.default_method_v1(p_account uuid, p_id uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_row payment.saved_method;
BEGIN
    PERFORM payment.hold_saved_v1('saved_method', p_account);
    IF NOT EXISTS (SELECT 1 FROM payment.saved_method m
                   WHERE m.id = p_id AND m.account_id = p_account AND m.deleted_at IS NULL) THEN
        RETURN NULL;
    END IF;
    -- Before, and not together: the unique index looks at each row as it changes.
    UPDATE payment.saved_method m SET is_default = false
    WHERE m.account_id = p_account AND m.is_default AND m.deleted_at IS NULL AND m.id <> p_id;
    UPDATE payment.saved_method m SET is_default = true WHERE m.id = p_id RETURNING m.* INTO v_row;
    RETURN payment.saved_method_json_v1(v_row)::text;
END $$;
