-- What somebody has, by currency: to spend, on its way to the bank, in escrow for what they sold, and
-- what they owe.
CREATE OR REPLACE FUNCTION payment.wallets_v1(p_account uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH held AS (
            SELECT a.kind, a.currency, a.balance FROM payment.ledger_account a
            WHERE a.owner_id = p_account AND a.kind IN ('wallet', 'pending_withdrawal', 'seller_debt')
            UNION ALL
            SELECT 'escrow', e.currency, payment.balance_v1('escrow', e.order_id, e.currency)
            FROM payment.escrow e
            WHERE e.seller_id = p_account AND e.state = 'held'
        ), wallet AS (
            SELECT h.currency,
                   coalesce(sum(h.balance) FILTER (WHERE h.kind = 'wallet'), 0) AS available,
                   coalesce(sum(h.balance) FILTER (WHERE h.kind = 'pending_withdrawal'), 0) AS pending,
                   coalesce(sum(h.balance) FILTER (WHERE h.kind = 'escrow'), 0) AS in_escrow,
                   coalesce(sum(h.balance) FILTER (WHERE h.kind = 'seller_debt'), 0) AS debt
            FROM held h GROUP BY h.currency
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'currency', w.currency, 'available', w.available, 'pending_withdrawal', w.pending,
                   'in_escrow', w.in_escrow, 'debt', w.debt) ORDER BY w.currency), '[]')::text
        FROM wallet w);
END $$;
