-- The one way into the ledger: posts the entries `[{"kind", "owner", "provider", "currency", "amount"}]`,
-- credits positive, under a key that counts once. False, and nothing else, when the key was posted before.
-- Entries of one account become one, accounts are made on demand, and what comes to nothing is not posted.
-- Refuses with `insufficient_funds` (`account_kind`, `available`, `currency`) what would bring a balance
-- below zero, and with `balance_limit` what no account can hold.
CREATE OR REPLACE FUNCTION payment.post_v1(
    p_key text, p_kind text, p_reference uuid, p_entries jsonb,
    p_actor uuid DEFAULT NULL, p_note text DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_id uuid := shared.uuid_v7();
    v_entries jsonb;
    v_ids uuid[];
    v_crooked text;
    v_wrong jsonb;
BEGIN
    WITH asked AS (
        SELECT e.kind, e.owner, e.provider, e.currency, sum(e.amount) AS amount
        FROM jsonb_to_recordset(p_entries)
             AS e(kind text, owner uuid, provider text, currency text, amount numeric)
        GROUP BY e.kind, e.owner, e.provider, e.currency
    ), entry AS (
        SELECT payment.account_id_v1(a.kind, a.owner, a.provider, a.currency) AS id, a.*
        FROM asked a WHERE a.amount <> 0
    )
    SELECT jsonb_agg(to_jsonb(e) ORDER BY e.id), array_agg(e.id ORDER BY e.id),
           (SELECT string_agg(c.currency, ', ')
            FROM (SELECT x.currency FROM entry x GROUP BY x.currency HAVING sum(x.amount) <> 0) c)
    INTO v_entries, v_ids, v_crooked
    FROM entry e;
    IF v_crooked IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'the entries of ' || p_key || ' do not balance in ' || v_crooked,
            CONSTRAINT = 'ledger_transaction_balances', TABLE = 'ledger_transaction', SCHEMA = 'payment';
    ELSIF v_entries IS NULL THEN
        RETURN NOT EXISTS (SELECT 1 FROM payment.ledger_transaction t WHERE t.key = p_key);
    END IF;

    INSERT INTO payment.ledger_transaction (id, key, kind, reference, actor_id, note, posted_at)
    VALUES (v_id, p_key, p_kind, p_reference, p_actor, p_note, v_now)
    ON CONFLICT (key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    INSERT INTO payment.ledger_account (id, kind, owner_id, provider, currency, balance, created_at)
    SELECT e.id, e.kind, e.owner, e.provider, e.currency, CASE WHEN e.owner IS NOT NULL THEN 0 END, v_now
    FROM jsonb_to_recordset(v_entries) AS e(id uuid, kind text, owner uuid, provider text, currency text)
    ORDER BY e.id
    -- No index named: an account has two that say who it is, and whoever makes it at the same moment may
    -- be met at either.
    ON CONFLICT DO NOTHING;

    -- The constraint on the balance says the same, without saying what is there.
    WITH held AS MATERIALIZED (
        SELECT a.id, a.kind, a.currency, a.balance FROM payment.ledger_account a
        WHERE a.id = ANY (v_ids) AND a.balance IS NOT NULL
        ORDER BY a.id
        FOR NO KEY UPDATE
    )
    SELECT jsonb_build_object('account_kind', h.kind, 'available', h.balance, 'currency', h.currency,
                              'too_much', x.change > 0)
    INTO v_wrong
    FROM held h
    JOIN jsonb_to_recordset(v_entries) AS e(id uuid, amount numeric) ON e.id = h.id
    CROSS JOIN LATERAL (SELECT CASE h.kind WHEN 'seller_debt' THEN -e.amount ELSE e.amount END AS change) x
    WHERE h.balance + x.change NOT BETWEEN 0 AND 9223372036854775807
    ORDER BY h.id LIMIT 1;
    IF v_wrong IS NOT NULL THEN
        PERFORM shared.refuse(
            CASE WHEN (v_wrong->>'too_much')::boolean THEN 'balance_limit' ELSE 'insufficient_funds' END,
            v_wrong - 'too_much');
    END IF;

    WITH entry AS (
        SELECT e.*, row_number() OVER (ORDER BY e.id) AS position
        FROM jsonb_to_recordset(v_entries) AS e(id uuid, currency text, amount bigint)
    ), moved AS (
        UPDATE payment.ledger_account a
        SET balance = a.balance + CASE a.kind WHEN 'seller_debt' THEN -e.amount ELSE e.amount END,
            entries = a.entries + 1
        FROM entry e
        WHERE a.id = e.id AND a.balance IS NOT NULL
        RETURNING a.id, a.balance, a.entries
    )
    INSERT INTO payment.ledger_entry
        (transaction_id, position, account_id, amount, currency, balance_after, sequence, posted_at)
    SELECT v_id, e.position, e.id, e.amount, e.currency, m.balance, m.entries, v_now
    FROM entry e LEFT JOIN moved m ON m.id = e.id;
    RETURN true;
END $$;
