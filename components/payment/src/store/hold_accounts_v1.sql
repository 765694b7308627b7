-- Makes those of the accounts `[{"kind", "owner", "currency"}]` that are not there yet and locks all of
-- them, in the order of their ids: whoever has to know balances before it posts asks for all that it is
-- going to touch, at once, and after the rows that say why.
CREATE OR REPLACE FUNCTION payment.hold_accounts_v1(p_accounts jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payment.ledger_account (id, kind, owner_id, provider, currency, balance, created_at)
    SELECT DISTINCT payment.account_id_v1(a.kind, a.owner, a.provider, a.currency) AS id,
           a.kind, a.owner, a.provider, a.currency,
           CASE WHEN a.owner IS NOT NULL THEN 0 END, shared.now()
    FROM jsonb_to_recordset(p_accounts) AS a(kind text, owner uuid, provider text, currency text)
    ORDER BY id
    -- No index named: an account has two that say who it is, and whoever makes it at the same moment may
    -- be met at either.
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM payment.ledger_account a
    WHERE a.balance IS NOT NULL
      AND a.id = ANY (ARRAY(
          SELECT payment.account_id_v1(x.kind, x.owner, x.provider, x.currency)
          FROM jsonb_to_recordset(p_accounts) AS x(kind text, owner uuid, provider text, currency text)))
    ORDER BY a.id
    FOR NO KEY UPDATE;
END $$;
