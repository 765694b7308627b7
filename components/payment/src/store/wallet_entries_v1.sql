-- The statement of somebody's wallet in a currency, newest first: entries before the one of sequence
-- `p_before`, or from the newest on.
CREATE OR REPLACE FUNCTION payment.wallet_entries_v1(
    p_account uuid, p_currency text, p_before bigint, p_limit integer
) RETURNS TABLE (items text, next_sequence bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH page AS (
        SELECT e.sequence, e.amount, e.balance_after, e.posted_at, t.kind, t.reference, t.note,
               row_number() OVER (ORDER BY e.sequence DESC) AS n
        FROM payment.ledger_entry e
        JOIN payment.ledger_transaction t ON t.id = e.transaction_id
        WHERE e.account_id = payment.account_id_v1('wallet', p_account, NULL, p_currency)
          AND e.sequence < coalesce(p_before, 9223372036854775807)
        ORDER BY e.sequence DESC
        LIMIT p_limit + 1
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'sequence', p.sequence,
                   'kind', p.kind,
                   'reference', p.reference,
                   'amount', p.amount,
                   'balance_after', p.balance_after,
                   'note', p.note,
                   'at', shared.rfc3339(p.posted_at))
               ORDER BY p.n) FILTER (WHERE p.n <= p_limit), '[]')::text,
           CASE WHEN count(*) > p_limit THEN (array_agg(p.sequence ORDER BY p.n))[p_limit] END
    FROM page p;
END $$;
