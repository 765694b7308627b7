-- Somebody's saved methods, newest first.
CREATE OR REPLACE FUNCTION payment.saved_methods_v1(p_account uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(payment.saved_method_json_v1(m) ORDER BY m.id DESC), '[]')::text
            FROM payment.saved_method m WHERE m.account_id = p_account AND m.deleted_at IS NULL);
END $$;
