-- What every module may read and none owns: the clock, the public keys, the revocations and who
-- subscribes to what.

-- Business time: the database's clock plus an offset that only tests and time scaling move.
CREATE TABLE shared.clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    clock_offset interval NOT NULL DEFAULT interval '0'
);
INSERT INTO shared.clock DEFAULT VALUES;

-- Public halves of the keys that sign access tokens. A key is published before it signs and stays
-- published until the last token it signed has expired.
CREATE TABLE shared.signing_key (
    kid text PRIMARY KEY,
    alg text NOT NULL CHECK (alg IN ('EdDSA', 'RS256')),
    public_jwk jsonb NOT NULL,
    created_at timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'),
    signs boolean NOT NULL DEFAULT true,
    retired_at timestamp
);

-- Sessions whose access tokens must stop working before they expire.
CREATE TABLE shared.revocation (
    session_id uuid PRIMARY KEY,
    revoked_at timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc')
);
CREATE INDEX revocation_age ON shared.revocation (revoked_at);

-- Which module consumes which kind of event. Each consumer's migrations add their own rows.
CREATE TABLE shared.subscription (
    kind text NOT NULL,
    consumer text NOT NULL,
    PRIMARY KEY (kind, consumer)
);

-- Small facts about this installation, such as whether the demo data are in.
CREATE TABLE shared.setting (
    key text PRIMARY KEY,
    value jsonb NOT NULL
);
