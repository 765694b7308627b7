-- Somebody's bank accounts, newest first.
CREATE OR REPLACE FUNCTION payment.bank_accounts_v1(p_account uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(payment.bank_account_json_v1(b, false) ORDER BY b.id DESC), '[]')::text
            FROM payment.bank_account b WHERE b.account_id = p_account AND b.deleted_at IS NULL);
END $$;
