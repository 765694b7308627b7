-- The books: double entry, append-only. One function writes here, payment.post_v1.

-- An entry is signed, in minor units: a credit is positive, a debit negative. Accounts of the kinds that
-- keep one have a balance: the sum of their entries in their normal direction, which is credit for all of
-- them but `seller_debt`. Kinds that many transactions touch at once keep none, so that they are no
-- bottleneck; theirs is summed when somebody asks.
CREATE TABLE payment.ledger_account (
    -- Derived from what follows, see payment.account_id_v1: who needs an account knows its id, and two
    -- who make it at once make the same one.
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        -- Of people, one for each currency, with a balance that never falls below zero.
        'wallet', 'pending_withdrawal',
        -- Of orders: what is held until they complete. Never below zero.
        'escrow',
        -- Of sessions: paid and not in escrow yet, or on its way back to the payer. Never below zero.
        'session_funds',
        -- Of sellers: what they owe, cleared by later payouts. Never below zero.
        'seller_debt',
        -- Of the platform: no balance kept.
        'provider_clearing', 'provider_fees', 'cod_receivable', 'shipping_clearing', 'tax_payable',
        'exchange_difference', 'chargebacks', 'platform_revenue', 'promotion_expense',
        'cashback_liability', 'bank')),
    -- The account, order, session, or NULL. `provider_clearing` and `provider_fees` have a provider.
    owner_id uuid,
    provider text,
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- NULL: not kept.
    balance bigint CONSTRAINT ledger_account_balance CHECK (balance >= 0),
    -- How many entries an account with a balance has.
    entries bigint NOT NULL DEFAULT 0 CHECK (entries >= 0),
    created_at timestamp NOT NULL,
    CHECK ((kind IN ('wallet', 'pending_withdrawal', 'escrow', 'session_funds', 'seller_debt'))
        = (balance IS NOT NULL)),
    CHECK ((balance IS NOT NULL) = (owner_id IS NOT NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX ledger_account_of ON payment.ledger_account
    (kind, currency, owner_id, provider) NULLS NOT DISTINCT;
CREATE INDEX ledger_account_owner ON payment.ledger_account (owner_id, kind);

-- A posting: its entries sum to zero in each currency.
CREATE TABLE payment.ledger_transaction (
    id uuid PRIMARY KEY,
    -- What makes it happen once, such as `order:<id>:release`.
    key text NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
    kind text NOT NULL,
    -- What it is about: the order, session, refund or withdrawal.
    reference uuid NOT NULL,
    actor_id uuid,
    note text,
    posted_at timestamp NOT NULL
);
CREATE INDEX ledger_transaction_reference ON payment.ledger_transaction (reference, posted_at);

CREATE TABLE payment.ledger_entry (
    transaction_id uuid NOT NULL REFERENCES payment.ledger_transaction (id),
    position smallint NOT NULL,
    account_id uuid NOT NULL REFERENCES payment.ledger_account (id),
    -- Credit is positive, debit is negative: what people have in wallets is a credit.
    amount bigint NOT NULL CHECK (amount <> 0),
    currency char(3) NOT NULL,
    -- The account's balance after it, where one is kept, and the how manieth of its entries it is: two
    -- statements may post in another order than that in which they began.
    balance_after bigint,
    sequence bigint,
    posted_at timestamp NOT NULL,
    PRIMARY KEY (transaction_id, position),
    CHECK ((balance_after IS NULL) = (sequence IS NULL))
);
CREATE UNIQUE INDEX ledger_entry_sequence ON payment.ledger_entry (account_id, sequence)
    WHERE sequence IS NOT NULL;
CREATE INDEX ledger_entry_account ON payment.ledger_entry (account_id, posted_at, transaction_id);

-- What is posted stays as it is; a mistake is corrected by another posting.
CREATE FUNCTION payment.ledger_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = 'the ledger is append-only: ' || lower(TG_OP) || ' of ' || TG_TABLE_NAME;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment.ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION payment.ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment.ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION payment.ledger_is_append_only();

-- At the end of whoever inserted them the entries of a transaction sum to zero, in their accounts'
-- currencies. payment.post_v1 looks too, for its message; this is for the truth.
CREATE FUNCTION payment.ledger_check_transaction(p_transaction uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_currencies bigint;
    v_wrong bigint;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE c.sum <> 0 OR c.foreign_to_it)
    INTO v_currencies, v_wrong
    FROM (SELECT sum(e.amount), bool_or(a.currency <> e.currency) AS foreign_to_it
          FROM payment.ledger_entry e JOIN payment.ledger_account a ON a.id = e.account_id
          WHERE e.transaction_id = p_transaction GROUP BY e.currency) c;
    IF v_currencies = 0 OR v_wrong > 0 THEN
        RAISE check_violation USING
            MESSAGE = 'the entries of transaction ' || p_transaction || ' do not balance',
            CONSTRAINT = 'ledger_transaction_balances', TABLE = 'ledger_transaction', SCHEMA = 'payment';
    END IF;
END $$;
CREATE FUNCTION payment.ledger_transaction_balances() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM payment.ledger_check_transaction(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION payment.ledger_entry_balances() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM payment.ledger_check_transaction(NEW.transaction_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON payment.ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment.ledger_transaction_balances();
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON payment.ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment.ledger_entry_balances();
