-- What every module has: an outbox with its deliveries, an inbox, and idempotency keys.

-- Events published by the module. A row is written by the statement that made the change.
CREATE TABLE "{{schema}}".outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    kind text NOT NULL,
    subject uuid NOT NULL,
    sequence bigint NOT NULL,
    occurred_at timestamp NOT NULL,
    traceparent text,
    data jsonb NOT NULL
);

-- One row for each event and consumer that is not done yet. Done deliveries are deleted, so that
-- every scan of this table is short; dead ones stay until somebody decides.
CREATE TABLE "{{schema}}".delivery (
    seq bigint NOT NULL REFERENCES "{{schema}}".outbox (seq) ON DELETE CASCADE,
    consumer text NOT NULL,
    subject uuid NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamp NOT NULL,
    lease uuid,
    lease_until timestamp,
    last_error text,
    dead_at timestamp,
    PRIMARY KEY (consumer, subject, seq)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
CREATE INDEX delivery_due ON "{{schema}}".delivery (seq) WHERE dead_at IS NULL;

-- Events this module has consumed.
CREATE TABLE "{{schema}}".inbox (
    event_id uuid PRIMARY KEY,
    consumed_at timestamp NOT NULL
);
CREATE INDEX inbox_age ON "{{schema}}".inbox (consumed_at);

-- Answers by Idempotency-Key. A key belongs to the account that sent it.
CREATE TABLE "{{schema}}".idempotency (
    account_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash text NOT NULL,
    -- The id of the effect: a retaken key finds the effect by it.
    reference uuid NOT NULL,
    -- NULL while the first request runs.
    status smallint,
    answer text,
    lease_until timestamp NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_age ON "{{schema}}".idempotency (created_at);
