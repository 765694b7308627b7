-- Letters: what leaves the house by e-mail and SMS.

-- One letter. Times are real: it goes to real people, and what is secret in it expires by a real clock.
CREATE TABLE notification.message (
    id uuid PRIMARY KEY,
    -- One event makes one letter.
    event_id uuid NOT NULL UNIQUE,
    account_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    template text NOT NULL CHECK (length(template) <= 40),
    locale text NOT NULL CHECK (length(locale) <= 35),
    -- What the template needs. Neither addresses nor secrets.
    data jsonb NOT NULL,
    -- The address, and the secret if there is one, sealed for this module. Gone once the letter is out
    -- or what is in it has expired.
    sealed text CHECK (length(sealed) BETWEEN 1 AND 4000),
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'dead')),
    -- Why it is dead.
    reason text CHECK (reason IN ('expired', 'refused', 'gave_up', 'no_provider', 'unreadable')),
    -- What the last try met with: providers and their codes, nothing of what they were told.
    error text CHECK (length(error) <= 500),
    tries integer NOT NULL DEFAULT 0,
    -- When it is to be tried, or what a lease on it lasts until.
    due_at timestamp NOT NULL,
    lease uuid,
    provider text,
    provider_ref text CHECK (length(provider_ref) <= 200),
    created_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    ended_at timestamp,
    CHECK (state <> 'queued' OR sealed IS NOT NULL),
    CHECK (state <> 'sent' OR sealed IS NULL),
    CHECK ((state = 'dead') = (reason IS NOT NULL)),
    CHECK ((state = 'queued') = (ended_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX message_due ON notification.message (due_at) WHERE state = 'queued';
CREATE INDEX message_state ON notification.message (state, id DESC);
CREATE INDEX message_sealed ON notification.message (expires_at) WHERE sealed IS NOT NULL;
CREATE INDEX message_age ON notification.message (ended_at) WHERE state <> 'queued';

-- The mailbox of development: letters as their readers got them, what is secret in them still sealed.
-- Empty unless the variable `mailbox` is on.
CREATE TABLE notification.mailbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL UNIQUE REFERENCES notification.message (id) ON DELETE CASCADE,
    address text NOT NULL,
    sealed text NOT NULL,
    delivered_at timestamp NOT NULL
);
CREATE INDEX mailbox_address ON notification.mailbox (address, seq DESC);
CREATE INDEX mailbox_age ON notification.mailbox (delivered_at);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('account.verification_requested', 'notification'),
    ('account.password_changed', 'notification'),
    ('account.signed_in_from_new_device', 'notification');
