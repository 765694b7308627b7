-- Whom money is paid out to, as staff have checked it, and when it is paid out by itself.

-- Who somebody is, as they say and staff find it. One that waits and one that counts for each account.
CREATE TABLE payment.payout_identity (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN
        -- `ended`: another one counts instead, or the account is gone.
        ('pending', 'approved', 'rejected', 'ended')),
    legal_name text NOT NULL CHECK (length(legal_name) BETWEEN 1 AND 100),
    country char(2) NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    -- Of people.
    birth_date date,
    document_kind text NOT NULL CHECK (document_kind IN
        ('passport', 'national_id', 'residence_permit', 'company_registration')),
    document_tail text NOT NULL CHECK (document_tail ~ '^[0-9A-Z-]{4}$'),
    -- All of the number, sealed to the module's own key: until it is decided.
    document_sealed text,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    decided_by uuid,
    version bigint NOT NULL DEFAULT 1,
    submitted_at timestamp NOT NULL,
    decided_at timestamp,
    -- When it had ended for long, and stayed because withdrawals name it.
    kept_at timestamp,
    CHECK (decided_by IS NULL OR decided_by <> account_id),
    CHECK ((state = 'pending') = (decided_at IS NULL)),
    CHECK ((state = 'pending') = (document_sealed IS NOT NULL)),
    CHECK (state NOT IN ('approved', 'rejected') OR decided_by IS NOT NULL),
    CHECK (document_kind <> 'company_registration' OR birth_date IS NULL)
);
CREATE UNIQUE INDEX payout_identity_pending ON payment.payout_identity (account_id) WHERE state = 'pending';
CREATE UNIQUE INDEX payout_identity_approved ON payment.payout_identity (account_id) WHERE state = 'approved';
CREATE INDEX payout_identity_of ON payment.payout_identity (account_id, submitted_at, id);
CREATE INDEX payout_identity_state ON payment.payout_identity (state, submitted_at, id);
CREATE INDEX payout_identity_over ON payment.payout_identity (decided_at)
    WHERE state IN ('rejected', 'ended') AND kept_at IS NULL;

-- Who did what with them, and who of the staff has read them. Append-only, and outlives them.
CREATE TABLE payment.payout_identity_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identity_id uuid NOT NULL,
    account_id uuid NOT NULL,
    -- NULL: the account was erased.
    actor_id uuid,
    action text NOT NULL CHECK (action IN ('submitted', 'withdrawn', 'read', 'approved', 'rejected', 'erased')),
    at timestamp NOT NULL
);
CREATE INDEX payout_identity_log_of ON payment.payout_identity_log (identity_id, id);
CREATE FUNCTION payment.payout_identity_log_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = 'the log of identities is append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment.payout_identity_log
    FOR EACH STATEMENT EXECUTE FUNCTION payment.payout_identity_log_is_append_only();

ALTER TABLE payment.withdrawal
    -- The one that counted when it was asked for.
    ADD COLUMN identity_id uuid REFERENCES payment.payout_identity (id),
    -- The day of the schedule that asked for it. NULL: somebody did.
    ADD COLUMN scheduled_on date;
CREATE INDEX withdrawal_identity ON payment.withdrawal (identity_id) WHERE identity_id IS NOT NULL;
CREATE UNIQUE INDEX withdrawal_scheduled_once ON payment.withdrawal (account_id, currency, scheduled_on)
    WHERE scheduled_on IS NOT NULL;

-- When what somebody has in a currency is withdrawn by itself.
CREATE TABLE payment.payout_schedule (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    every text NOT NULL CHECK (every IN ('manual', 'weekly', 'monthly')),
    -- Of the week, 1 is Monday; or of the month.
    day smallint,
    -- The next time: from the beginning of that day in UTC.
    due_on date,
    -- What its owner was told to be missing, since it last worked.
    told text CHECK (told IN ('identity_unchecked', 'bank_account_missing')),
    -- Something failed: not before this, real time.
    retry_at timestamp,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamp NOT NULL,
    UNIQUE (account_id, currency),
    CHECK ((every = 'manual') = (day IS NULL)),
    CHECK ((every = 'manual') = (due_on IS NULL)),
    CHECK (day BETWEEN 1 AND CASE every WHEN 'weekly' THEN 7 ELSE 28 END)
);
CREATE INDEX payout_schedule_due ON payment.payout_schedule (due_on) WHERE due_on IS NOT NULL;
