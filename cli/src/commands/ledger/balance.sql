-- What the accounts of each kind come to, from the raw entries: in credits, so that each currency's column
-- sums to zero.
SELECT a.kind, a.provider, a.currency::text, count(DISTINCT a.id) AS accounts, coalesce(sum(e.amount), 0)::text AS total
FROM payment.ledger_account a LEFT JOIN payment.ledger_entry e ON e.account_id = a.id
GROUP BY a.kind, a.provider, a.currency
ORDER BY a.currency, a.kind, a.provider
