-- Sessions: what is owed for a checkout, by which legs it came, and what became of it.

CREATE TABLE payment.session (
    -- The checkout's id.
    id uuid PRIMARY KEY,
    -- NULL of a tombstone: cancelled before it was opened.
    payer_id uuid,
    currency char(3) CHECK (currency ~ '^[A-Z]{3}$'),
    total bigint CHECK (total >= 0),
    -- Σ of settled legs. Never more than is owed: what is too much is late money.
    settled bigint NOT NULL DEFAULT 0 CHECK (settled >= 0),
    -- Σ that has been given back, by settled legs. Never more than came in.
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= settled),
    state text NOT NULL CHECK (state IN ('open', 'settled', 'cancelled', 'expired')),
    -- `provider`: who is paid for what the wallet does not cover.
    provider text,
    return_url text,
    reason text,
    -- What each order gets: `[{"order_id", "seller_id", "goods", "shipping", "subsidy", "commission",
    -- "cashback_by_platform", "cashback_by_seller"}]`, minor units; the commission as of the opening.
    parts jsonb NOT NULL DEFAULT '[]',
    version bigint NOT NULL DEFAULT 1,
    opened_at timestamp NOT NULL,
    expires_at timestamp,
    settled_at timestamp,
    closed_at timestamp,
    CHECK (state IN ('cancelled', 'expired')
        OR (payer_id IS NOT NULL AND currency IS NOT NULL AND total IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK (total IS NULL OR settled <= total),
    CHECK (state <> 'settled' OR (settled = total AND settled_at IS NOT NULL))
);
CREATE INDEX session_of_payer ON payment.session (payer_id, opened_at, id);
CREATE INDEX session_expiring ON payment.session (expires_at) WHERE state = 'open';
CREATE INDEX session_tombstone ON payment.session (closed_at) WHERE payer_id IS NULL;

-- One way in which a part of a session is paid: from the wallet, or an attempt at a provider.
CREATE TABLE payment.leg (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES payment.session (id),
    -- Order of the attempts; the wallet is 0.
    position smallint NOT NULL,
    method text NOT NULL CHECK (method IN ('wallet', 'provider')),
    provider text,
    currency char(3) NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount),
    state text NOT NULL CHECK (state IN
        -- `created`: the provider has not answered yet. `pending`: it waits for the payer.
        -- `late`: settled when the session wanted no more; it is being given back.
        ('created', 'pending', 'settled', 'failed', 'cancelled', 'late')),
    -- The provider's name for it.
    provider_ref text,
    pay_url text,
    -- What the provider told for the payer's page, such as a client secret; never secrets of ours.
    client_data jsonb,
    reason text,
    -- Of attempts: the payer's saved method that is charged, and where the provider sends them back to.
    method_id uuid,
    return_url text,
    created_at timestamp NOT NULL,
    -- An attempt lives 15 minutes.
    expires_at timestamp,
    settled_at timestamp,
    updated_at timestamp NOT NULL,
    CHECK ((method = 'provider') = (provider IS NOT NULL)),
    UNIQUE (session_id, position)
);
CREATE UNIQUE INDEX leg_provider_ref ON payment.leg (provider, provider_ref) WHERE provider_ref IS NOT NULL;
-- At most one attempt at a time, and one of them settles.
CREATE UNIQUE INDEX leg_one_attempt ON payment.leg (session_id)
    WHERE method = 'provider' AND state IN ('created', 'pending', 'settled');
-- Attempts whose outcome somebody has to ask for.
CREATE INDEX leg_open ON payment.leg (expires_at) WHERE state IN ('created', 'pending');

-- What providers told us, each event once.
CREATE TABLE payment.provider_event (
    provider text NOT NULL,
    event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
    kind text NOT NULL,
    leg_id uuid,
    amount bigint,
    currency text,
    -- `settled`, `failed`, `late`, `ignored` or why it was refused, such as `amount_mismatch`.
    outcome text NOT NULL,
    received_at timestamp NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX provider_event_age ON payment.provider_event (received_at);
CREATE INDEX provider_event_leg ON payment.provider_event (leg_id);

-- What an order's money stands at. Its truth is the ledger account of kind `escrow`; here is what
-- guards against giving it away twice.
CREATE TABLE payment.escrow (
    order_id uuid PRIMARY KEY,
    -- The checkout too where it is cash, which has no session. NULL of a tombstone: the order ended before
    -- it was heard of.
    session_id uuid,
    buyer_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    currency char(3) NOT NULL,
    -- What the buyer pays, and what the platform adds.
    goods bigint NOT NULL CHECK (goods >= 0),
    shipping bigint NOT NULL CHECK (shipping >= 0),
    subsidy bigint NOT NULL CHECK (subsidy >= 0),
    -- What the platform keeps of a completed order; a refund reduces it in proportion.
    commission bigint NOT NULL CHECK (commission >= 0),
    cashback_by_platform bigint NOT NULL DEFAULT 0 CHECK (cashback_by_platform >= 0),
    cashback_by_seller bigint NOT NULL DEFAULT 0 CHECK (cashback_by_seller >= 0),
    -- `cod`: collected at the door, by the seller.
    provider text NOT NULL,
    -- `expected`: of cash on delivery, before the delivery.
    state text NOT NULL CHECK (state IN ('expected', 'held', 'released', 'refunded', 'void')),
    -- What the buyer has been promised back.
    refunded bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    held_at timestamp,
    released_at timestamp,
    updated_at timestamp NOT NULL,
    CONSTRAINT escrow_refunded CHECK (refunded >= 0 AND refunded <= goods + shipping),
    CHECK (session_id IS NOT NULL OR state = 'void'),
    CHECK (buyer_id <> seller_id)
);
CREATE INDEX escrow_session ON payment.escrow (session_id);
CREATE INDEX escrow_seller ON payment.escrow (seller_id, updated_at, order_id);

-- Money on its way back to a buyer. Who asks twice with the same reference asks once.
CREATE TABLE payment.refund (
    id uuid PRIMARY KEY,
    -- What makes it happen once: `order:<id>:cancelled`, `line:<order>:<n>`, `leg:<id>:late`.
    reference text NOT NULL UNIQUE CHECK (length(reference) BETWEEN 1 AND 200),
    session_id uuid NOT NULL,
    order_id uuid,
    payer_id uuid NOT NULL,
    currency char(3) NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    -- To the legs the money came by, or all of it to the wallet.
    destination text NOT NULL CHECK (destination IN ('original', 'wallet')),
    reason text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'done')),
    requested_by uuid,
    requested_at timestamp NOT NULL,
    done_at timestamp,
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX refund_session ON payment.refund (session_id);
CREATE INDEX refund_order ON payment.refund (order_id);
CREATE INDEX refund_pending ON payment.refund (requested_at) WHERE state = 'pending';
CREATE INDEX refund_payer ON payment.refund (payer_id, requested_at, id);

-- A refund's way back, leg by leg, the last that came in first.
CREATE TABLE payment.refund_leg (
    -- The provider's idempotency key.
    id uuid PRIMARY KEY,
    refund_id uuid NOT NULL REFERENCES payment.refund (id),
    leg_id uuid NOT NULL REFERENCES payment.leg (id),
    position smallint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    -- `to_wallet`: the provider could not, so the wallet got it.
    state text NOT NULL CHECK (state IN ('pending', 'done', 'to_wallet')),
    provider_ref text,
    reason text,
    updated_at timestamp NOT NULL,
    UNIQUE (refund_id, position)
);
CREATE INDEX refund_leg_of_leg ON payment.refund_leg (leg_id);

-- Percent of the goods that the platform keeps, in hundredths of a percent. Of the categories from the
-- goods' own up to the root the first that has a rule wins; the one without a category is for the rest.
CREATE TABLE payment.commission_rule (
    category_slug text PRIMARY KEY DEFAULT '',
    basis_points integer NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    updated_by uuid,
    updated_at timestamp NOT NULL
);
INSERT INTO payment.commission_rule (category_slug, basis_points, updated_at)
VALUES ('', 500, shared.now());

-- Orders that are paid in cash get their escrow when they are placed; every order's end moves its money.
INSERT INTO shared.subscription (kind, consumer) VALUES
    ('order.placed', 'payment'),
    ('order.delivered', 'payment'),
    ('order.completed', 'payment'),
    ('order.declined', 'payment'),
    ('order.cancelled', 'payment');
