-- Accounts, their sessions, and whom they follow.

CREATE TABLE account.account (
    id uuid PRIMARY KEY,
    -- At least one of the three identifies the account. Stored normalised: lower case, E.164.
    email text CHECK (email = lower(email) AND length(email) <= 254),
    email_verified_at timestamp,
    phone text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    phone_verified_at timestamp,
    username text CHECK (username ~ '^[a-z0-9][a-z0-9_.-]{2,31}$'),
    password_hash text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    bio text NOT NULL DEFAULT '' CHECK (length(bio) <= 1000),
    country char(2) NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    locale text NOT NULL CHECK (length(locale) BETWEEN 2 AND 35),
    roles text[] NOT NULL DEFAULT '{member}'
        CHECK (roles <@ '{member,moderator,admin}'::text[] AND 'member' = ANY (roles)),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CHECK (email IS NOT NULL OR phone IS NOT NULL OR username IS NOT NULL)
);
-- Addresses are unique among verified ones only, so that registering never tells whether an
-- address is known. Usernames are public, so they may be unique outright.
CREATE UNIQUE INDEX account_verified_email ON account.account (email) WHERE email_verified_at IS NOT NULL;
CREATE UNIQUE INDEX account_verified_phone ON account.account (phone) WHERE phone_verified_at IS NOT NULL;
CREATE UNIQUE INDEX account_username ON account.account (username);
CREATE INDEX account_email ON account.account (email, created_at DESC) WHERE email_verified_at IS NULL;
CREATE INDEX account_phone ON account.account (phone, created_at DESC) WHERE phone_verified_at IS NULL;

-- A sign-in and everything refreshed from it. Times are real, not business time.
CREATE TABLE account.session (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account.account (id),
    -- Successors of refresh tokens are derived with it, so that a lost answer can be repeated.
    chain_key bytea NOT NULL,
    user_agent text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    created_at timestamp NOT NULL,
    seen_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    revoked_at timestamp,
    revoked_because text
);
CREATE INDEX session_account ON account.session (account_id, id DESC);

-- Refresh tokens by the SHA-256 of their bytes. A spent one stays to recognise its theft.
CREATE TABLE account.refresh_token (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES account.session (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    spent_at timestamp
);
CREATE INDEX refresh_token_session ON account.refresh_token (session_id);

-- Failed logins of the last minutes: `scope` is `id:<identifier>` or `ip:<address>`.
CREATE TABLE account.login_failure (
    scope text NOT NULL,
    failed_at timestamp NOT NULL
);
CREATE INDEX login_failure_scope ON account.login_failure (scope, failed_at);

-- Private halves of the keys in `shared.signing_key`: an Ed25519 seed of 32 bytes.
CREATE TABLE account.signing_secret (
    kid text PRIMARY KEY REFERENCES shared.signing_key (kid),
    secret bytea NOT NULL
);

-- Who follows whom. An ended follow stays as a row, so that its version keeps growing.
CREATE TABLE account.follow (
    id uuid NOT NULL UNIQUE,
    follower_id uuid NOT NULL REFERENCES account.account (id),
    seller_id uuid NOT NULL REFERENCES account.account (id),
    active boolean NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    changed_at timestamp NOT NULL,
    PRIMARY KEY (follower_id, seller_id),
    CHECK (follower_id <> seller_id)
);
CREATE INDEX follow_seller ON account.follow (seller_id) WHERE active;

-- Append-only: every security-relevant change.
CREATE TABLE account.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamp NOT NULL DEFAULT shared.real_now(),
    actor_id uuid,
    account_id uuid,
    action text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_account ON account.audit (account_id, id DESC);
