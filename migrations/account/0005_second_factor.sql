-- Second factors, suspensions, devices seen before, and an audit log that only grows.

-- Functions that get other parameters or columns: what lies beside the code makes them anew.
DROP FUNCTION IF EXISTS account.login_lookup_v1(text, text, text, text);
DROP FUNCTION IF EXISTS account.login_failed_v1(text, text);
DROP FUNCTION IF EXISTS account.open_session_v1(
    uuid, uuid, text, text, bytea, bytea, text, text, text, text, boolean);
DROP FUNCTION IF EXISTS account.refresh_v1(bytea, text, text);
DROP FUNCTION IF EXISTS account.signing_key_v1();

-- A suspension lasts as long as `status` says so and its end, where it has one, lies ahead. Real time.
ALTER TABLE account.account
    ADD COLUMN suspended_at timestamp,
    ADD COLUMN suspended_until timestamp,
    ADD COLUMN suspended_because text CHECK (length(suspended_because) BETWEEN 1 AND 1000),
    ADD COLUMN suspended_by uuid;
CREATE INDEX account_suspended_until ON account.account (suspended_until)
    WHERE status = 'suspended' AND suspended_until IS NOT NULL;

-- An account's second factor: time-based one-time passwords (RFC 6238). Times are real.
CREATE TABLE account.totp (
    account_id uuid PRIMARY KEY REFERENCES account.account (id) ON DELETE CASCADE,
    -- New with each enrolment.
    id uuid NOT NULL UNIQUE,
    -- The secret, sealed with a key that follows from the variable `account_key` and the account.
    sealed bytea NOT NULL,
    created_at timestamp NOT NULL,
    -- NULL: it was shown and nobody has proven yet that it was kept.
    confirmed_at timestamp,
    -- The newest step of 30 seconds whose code was used, and what used it: each is good once.
    last_step bigint NOT NULL DEFAULT 0,
    used_by uuid
);

-- Codes to sign in with when the second factor is lost. Their hashes are keyed as the secret is sealed.
CREATE TABLE account.recovery_code (
    account_id uuid NOT NULL REFERENCES account.totp (account_id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamp,
    used_by uuid,
    PRIMARY KEY (account_id, code_hash)
);

-- What an account has signed in with: a short name of the client and the kind of network.
CREATE TABLE account.known_device (
    account_id uuid NOT NULL REFERENCES account.account (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) <= 120),
    network text NOT NULL CHECK (length(network) <= 10),
    first_seen_at timestamp NOT NULL,
    last_seen_at timestamp NOT NULL,
    PRIMARY KEY (account_id, name, network)
);
CREATE INDEX known_device_age ON account.known_device (last_seen_at);

CREATE INDEX audit_action ON account.audit (action, id DESC);
-- Failed logins are the one thing in the log that strangers can make grow: they go after 90 days.
CREATE INDEX audit_failed_login ON account.audit (at) WHERE action IN ('login_failed', 'login_locked');

CREATE FUNCTION account.audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.action IN ('login_failed', 'login_locked')
       AND OLD.at < shared.real_now() - interval '90 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON account.audit
    FOR EACH ROW EXECUTE FUNCTION account.audit_is_append_only();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON account.audit
    FOR EACH STATEMENT EXECUTE FUNCTION account.audit_is_append_only();
