-- Identities of other issuers, keys for integrators, favorites, devices, what people want to be told, and
-- accounts that are erased.

-- Functions that get other parameters or columns: what lies beside the code makes them anew.
DROP FUNCTION IF EXISTS account.password_of_v1(uuid, text, text);

-- Some accounts are only signed in to by way of an issuer; of an erased one nothing is left but its id.
ALTER TABLE account.account
    ADD COLUMN has_password boolean NOT NULL DEFAULT true,
    ADD COLUMN erased_at timestamp,
    DROP CONSTRAINT account_status_check,
    ADD CONSTRAINT account_status_check CHECK (status IN ('active', 'suspended', 'erased')),
    DROP CONSTRAINT account_check,
    ADD CONSTRAINT account_is_told_by CHECK (
        email IS NOT NULL OR phone IS NOT NULL OR username IS NOT NULL OR NOT has_password),
    ADD CONSTRAINT account_erased CHECK (
        (status = 'erased') = (erased_at IS NOT NULL)
        AND (status <> 'erased' OR (email IS NULL AND phone IS NULL AND username IS NULL
             AND pending_email IS NULL AND pending_phone IS NULL AND NOT has_password)));

-- Who somebody is at an OpenID Connect issuer.
CREATE TABLE account.identity (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account.account (id) ON DELETE CASCADE,
    issuer text NOT NULL CHECK (length(issuer) <= 255),
    -- The issuer's name for them, which never changes and is nobody else's.
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    -- What the issuer is called here.
    provider text NOT NULL CHECK (length(provider) <= 32),
    -- As the issuer told it last, for its owner to know it by. Nobody is found by it.
    email text CHECK (length(email) <= 254),
    created_at timestamp NOT NULL,
    used_at timestamp NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX identity_account ON account.identity (account_id, id);

-- A sign-in by way of an issuer that has begun. Times are real.
CREATE TABLE account.oidc_attempt (
    -- SHA-256 of `state`, which goes through the browser's address bar, and of what the client keeps.
    state_hash bytea PRIMARY KEY,
    binding_hash bytea NOT NULL,
    provider text NOT NULL CHECK (length(provider) <= 32),
    -- To be linked to it. NULL: to sign in.
    account_id uuid REFERENCES account.account (id) ON DELETE CASCADE,
    -- For an account that is made by it.
    country char(2) CHECK (country ~ '^[A-Z]{2}$'),
    locale text CHECK (length(locale) <= 35),
    expires_at timestamp NOT NULL,
    -- The request that asks the issuer: there is one.
    taken_by uuid,
    -- What the issuer said.
    identity jsonb,
    -- What came of it: a session, or a linked identity.
    used_by uuid
);
CREATE INDEX oidc_attempt_expiry ON account.oidc_attempt (expires_at);

-- Keys by which programs act for an account. Times are real.
CREATE TABLE account.api_key (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account.account (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- SHA-256 of the key's bytes, and how it begins.
    key_hash bytea NOT NULL UNIQUE,
    prefix text NOT NULL CHECK (length(prefix) <= 20),
    scopes text[] NOT NULL CHECK (scopes <@ '{read,write}'::text[] AND cardinality(scopes) BETWEEN 1 AND 2),
    -- `sid` of the tokens that it is exchanged for: another one once these have been revoked.
    session_id uuid NOT NULL UNIQUE,
    created_at timestamp NOT NULL,
    expires_at timestamp,
    -- To the hour.
    used_at timestamp,
    revoked_at timestamp
);
CREATE INDEX api_key_account ON account.api_key (account_id, id DESC);
CREATE INDEX api_key_revoked ON account.api_key (revoked_at) WHERE revoked_at IS NOT NULL;

-- Products that somebody likes.
CREATE TABLE account.favorite (
    account_id uuid NOT NULL REFERENCES account.account (id) ON DELETE CASCADE,
    product_id uuid NOT NULL,
    -- Lists sort by it.
    id uuid NOT NULL UNIQUE,
    created_at timestamp NOT NULL,
    PRIMARY KEY (account_id, product_id)
);
CREATE INDEX favorite_list ON account.favorite (account_id, id DESC);

-- Where pushes go. A token is that of one installation of an app: whoever signs in there has it.
CREATE TABLE account.device (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account.account (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    token text NOT NULL CHECK (length(token) BETWEEN 1 AND 1024),
    platform text NOT NULL CHECK (platform IN ('android', 'ios', 'web')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    created_at timestamp NOT NULL,
    seen_at timestamp NOT NULL
);
CREATE INDEX device_account ON account.device (account_id, seen_at DESC);

-- What somebody does not want to be told: `category:channel`. No row: nothing of the kind.
CREATE TABLE account.notification_preference (
    account_id uuid PRIMARY KEY REFERENCES account.account (id) ON DELETE CASCADE,
    switched_off text[] NOT NULL CHECK (cardinality(switched_off) <= 50),
    version bigint NOT NULL DEFAULT 1
);
