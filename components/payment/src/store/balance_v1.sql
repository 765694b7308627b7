-- What somebody has in an account of a kind whose balance is kept, minor units.
CREATE OR REPLACE FUNCTION payment.balance_v1(p_kind text, p_owner uuid, p_currency text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT a.balance FROM payment.ledger_account a
                     WHERE a.id = payment.account_id_v1(p_kind, p_owner, NULL, p_currency)), 0);
END $$;
