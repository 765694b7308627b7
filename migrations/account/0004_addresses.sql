-- Proving that addresses are one's own, and passwords that were forgotten.

-- An address that takes the place of a verified one as soon as it is verified itself.
ALTER TABLE account.account
    ADD COLUMN pending_email text
        CHECK (pending_email = lower(pending_email) AND length(pending_email) <= 254),
    ADD COLUMN pending_phone text CHECK (pending_phone ~ '^\+[1-9][0-9]{6,14}$');

-- What was sent to an address to be sent back. Only hashes of the secrets are kept. Times are real.
CREATE TABLE account.verification (
    -- Made by the request, so that a statement repeated after a lost connection sends nothing twice.
    id uuid PRIMARY KEY,
    -- NULL: it was asked for in vain, and nothing was sent. Such a row is written so that asking in
    -- vain is the same work.
    account_id uuid REFERENCES account.account (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('verify', 'reset')),
    channel text NOT NULL CHECK (channel IN ('email', 'phone')),
    address text NOT NULL CHECK (length(address) <= 254),
    -- SHA-256 of the token's bytes.
    token_hash bytea UNIQUE,
    -- SHA-256 of the pepper and the code's digits. A code is short: it is good for 5 tries.
    code_hash bytea,
    pepper bytea,
    tries integer NOT NULL DEFAULT 0 CHECK (tries <= 5),
    created_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    -- The request that used it; a repetition of that one finds it done.
    used_by uuid,
    CHECK ((token_hash IS NULL) <> (code_hash IS NULL)),
    CHECK ((code_hash IS NULL) = (pepper IS NULL))
);
CREATE INDEX verification_account ON account.verification (account_id, purpose, channel, id DESC);
CREATE INDEX verification_expiry ON account.verification (expires_at);

-- Messages of the last hour, to limit them: `scope` is a purpose and an address, or an account and a
-- channel.
CREATE TABLE account.sending (
    scope text NOT NULL,
    sent_at timestamp NOT NULL
);
CREATE INDEX sending_scope ON account.sending (scope, sent_at);
CREATE INDEX sending_age ON account.sending (sent_at);

-- Events that still hold something sealed: few, and looked for often.
CREATE INDEX outbox_sealed ON account.outbox (seq) WHERE data ? 'sealed';
