-- Money that a provider has taken and that settles nothing, because it is not what was asked for: of another
-- amount or currency, or once more for what is paid. Nothing moves before somebody has decided.
CREATE TABLE payment.unmatched_payment (
    id uuid PRIMARY KEY,
    provider text NOT NULL,
    -- What it was heard by first: of `provider_event`, or that and how much it comes to with what was told
    -- by the same before.
    event_id text NOT NULL,
    leg_id uuid NOT NULL REFERENCES payment.leg (id),
    session_id uuid NOT NULL REFERENCES payment.session (id),
    payer_id uuid NOT NULL,
    provider_ref text,
    -- One of several transfers that the provider collects under one name. Elsewhere the provider's name
    -- stands for one payment.
    collected boolean NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    -- As the provider says, which may be none that a wallet can hold.
    currency text NOT NULL CHECK (length(currency) <= 20),
    state text NOT NULL CHECK (state IN
        -- `returned`: it goes, or went, back at the provider. `settled`: it is the attempt's payment, of which
        -- something else was told before.
        ('open', 'credited', 'returned', 'settled')),
    -- NULL where nobody had to.
    decided_by uuid,
    reason text,
    found_at timestamp NOT NULL,
    decided_at timestamp,
    UNIQUE (provider, event_id),
    -- Nobody decides about their own.
    CHECK (decided_by IS NULL OR decided_by <> payer_id),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK (state <> 'open' OR (decided_by IS NULL AND reason IS NULL)),
    CHECK (state <> 'credited' OR (decided_by IS NOT NULL AND reason IS NOT NULL))
);
-- The same money, whoever tells of it.
CREATE UNIQUE INDEX unmatched_payment_once ON payment.unmatched_payment (provider, provider_ref)
    WHERE NOT collected AND provider_ref IS NOT NULL;
CREATE INDEX unmatched_payment_leg ON payment.unmatched_payment (leg_id);
CREATE INDEX unmatched_payment_session ON payment.unmatched_payment (session_id);
CREATE INDEX unmatched_payment_state ON payment.unmatched_payment (state, found_at, id);
CREATE INDEX unmatched_payment_age ON payment.unmatched_payment (found_at, id);
