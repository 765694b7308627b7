-- Getting money out, keeping ways to pay, and what currencies are worth.

-- Where withdrawals go. People see the last digits of the number, moderators who transfer all of it.
CREATE TABLE payment.bank_account (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    bank_code text NOT NULL CHECK (bank_code ~ '^[A-Z0-9]{2,20}$'),
    number text NOT NULL CHECK (number ~ '^[0-9A-Z]{6,34}$'),
    holder text NOT NULL CHECK (length(holder) BETWEEN 1 AND 100),
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamp NOT NULL,
    deleted_at timestamp
);
CREATE UNIQUE INDEX bank_account_once ON payment.bank_account (account_id, bank_code, number)
    WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX bank_account_default ON payment.bank_account (account_id, currency)
    WHERE is_default AND deleted_at IS NULL;

CREATE TABLE payment.withdrawal (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    bank_account_id uuid NOT NULL REFERENCES payment.bank_account (id),
    currency char(3) NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL CHECK (state IN
        -- `approved`: the transfer is ordered, and the books follow in a moment.
        ('requested', 'approved', 'paid', 'rejected', 'cancelled')),
    reason text,
    -- The bank's name for the transfer.
    bank_reference text CHECK (length(bank_reference) BETWEEN 1 AND 100),
    decided_by uuid,
    version bigint NOT NULL DEFAULT 1,
    requested_at timestamp NOT NULL,
    decided_at timestamp,
    paid_at timestamp,
    -- Nobody approves what they get.
    CHECK (decided_by IS NULL OR decided_by <> account_id),
    CHECK (state NOT IN ('approved', 'paid') OR (bank_reference IS NOT NULL AND decided_by IS NOT NULL)),
    CHECK ((state = 'requested') = (decided_at IS NULL)),
    CHECK ((state = 'paid') = (paid_at IS NOT NULL))
);
-- One at a time for each currency: who decides sees all of it at once.
CREATE UNIQUE INDEX withdrawal_one_open ON payment.withdrawal (account_id, currency)
    WHERE state IN ('requested', 'approved');
CREATE INDEX withdrawal_of ON payment.withdrawal (account_id, requested_at, id);
CREATE INDEX withdrawal_state ON payment.withdrawal (state, requested_at, id);
CREATE INDEX withdrawal_bank_account ON payment.withdrawal (bank_account_id);

-- Least that is transferred, minor units. Currencies that are not here have none.
CREATE TABLE payment.withdrawal_minimum (
    currency char(3) PRIMARY KEY,
    amount bigint NOT NULL CHECK (amount > 0)
);
INSERT INTO payment.withdrawal_minimum (currency, amount) VALUES ('VND', 50000), ('USD', 500), ('EUR', 500);

-- A provider's token for a card or account of somebody's; nothing of the card itself but what is shown.
CREATE TABLE payment.saved_method (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    provider text NOT NULL,
    token text NOT NULL CHECK (length(token) BETWEEN 1 AND 200),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamp NOT NULL,
    deleted_at timestamp
);
CREATE UNIQUE INDEX saved_method_once ON payment.saved_method (account_id, provider, token)
    WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX saved_method_default ON payment.saved_method (account_id)
    WHERE is_default AND deleted_at IS NULL;

-- What one unit of `base` is worth in `quote`. Of source `manual`: set by an administrator, who may
-- remove it again; it does not age. All others come from the source of rates, and serve for 6 hours.
CREATE TABLE payment.rate (
    base char(3) NOT NULL,
    quote char(3) NOT NULL,
    rate numeric(24, 12) NOT NULL CHECK (rate > 0),
    source text NOT NULL,
    fetched_at timestamp NOT NULL,
    PRIMARY KEY (base, quote),
    CHECK (base <> quote)
);
-- When the source was asked for a base, and who is asking it now, real time: one at a time.
CREATE TABLE payment.rate_fetch (
    base char(3) PRIMARY KEY,
    fetched_at timestamp,
    lease_until timestamp
);
-- Rates as a checkout or a quotation froze them.
CREATE TABLE payment.rate_snapshot (
    id uuid PRIMARY KEY,
    -- Whose it is.
    account_id uuid NOT NULL,
    base char(3) NOT NULL,
    -- `{"VND": "25400.5"}`: units of the quote currency for one of the base.
    rates jsonb NOT NULL,
    -- When the oldest of them was fetched or set.
    fetched_at timestamp NOT NULL,
    created_at timestamp NOT NULL
);
CREATE INDEX rate_snapshot_age ON payment.rate_snapshot (created_at);

-- Lines of a provider's own statement, to hold against the legs.
CREATE TABLE payment.provider_report_line (
    provider text NOT NULL,
    -- The provider's name for the payment or refund.
    reference text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('payment', 'refund', 'fee', 'chargeback')),
    amount bigint NOT NULL,
    currency char(3) NOT NULL,
    occurred_on date NOT NULL,
    imported_at timestamp NOT NULL,
    PRIMARY KEY (provider, kind, reference)
);
CREATE INDEX provider_report_day ON payment.provider_report_line (provider, occurred_on);

-- What a seller has in escrow now.
CREATE INDEX escrow_held ON payment.escrow (seller_id) WHERE state = 'held';
-- For reports by day: nearly free to keep.
CREATE INDEX leg_days ON payment.leg USING brin (created_at, settled_at);
CREATE INDEX refund_leg_days ON payment.refund_leg USING brin (updated_at);
CREATE INDEX refund_leg_provider_ref ON payment.refund_leg (provider_ref) WHERE provider_ref IS NOT NULL;
