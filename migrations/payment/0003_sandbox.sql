-- The sandbox: a provider of our own for trying and testing. This is its side of the counter: what it
-- took and gave, to be compared with what our books say.
CREATE TABLE payment.sandbox_payment (
    -- Its name for the payment, and the secret in the address of its page.
    id uuid PRIMARY KEY,
    -- What the caller calls it. Nothing here refers to the caller's own tables.
    leg_id uuid NOT NULL UNIQUE,
    -- NULL of what was cancelled before it was made.
    session_id uuid,
    -- What it was asked to collect.
    amount bigint NOT NULL CHECK (amount > 0),
    currency char(3) NOT NULL,
    description text NOT NULL DEFAULT '',
    return_url text,
    -- What the person on its page chose; `instant` and `instant_decline` had no page.
    choice text CHECK (choice IN ('pay', 'decline', 'slow', 'duplicate', 'wrong_amount', 'no_answer',
                                  'instant', 'instant_decline')),
    state text NOT NULL CHECK (state IN ('open', 'paid', 'declined', 'cancelled')),
    -- What it has collected, which is not always what it was asked for.
    taken bigint NOT NULL DEFAULT 0 CHECK (taken >= 0),
    refunded bigint NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT sandbox_payment_refunded CHECK (refunded >= 0 AND refunded <= taken),
    CHECK ((state = 'paid') <= (taken > 0))
);
CREATE INDEX sandbox_payment_age ON payment.sandbox_payment (updated_at);
-- Refunds that it made, by the caller's key.
CREATE TABLE payment.sandbox_refund (
    key uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment.sandbox_payment (id) ON DELETE CASCADE,
    amount bigint NOT NULL CHECK (amount > 0),
    created_at timestamp NOT NULL
);
CREATE INDEX sandbox_refund_payment ON payment.sandbox_refund (payment_id);
-- Webhooks that it still has to send, or has sent; each is signed when it is sent.
CREATE TABLE payment.sandbox_webhook (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment.sandbox_payment (id) ON DELETE CASCADE,
    -- Two of one event have the same.
    body text NOT NULL,
    -- Real time, as are the others here.
    due_at timestamp NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    sent_at timestamp
);
CREATE INDEX sandbox_webhook_due ON payment.sandbox_webhook (due_at) WHERE sent_at IS NULL;
CREATE INDEX sandbox_webhook_payment ON payment.sandbox_webhook (payment_id);
CREATE INDEX sandbox_webhook_sent ON payment.sandbox_webhook (sent_at) WHERE sent_at IS NOT NULL;
