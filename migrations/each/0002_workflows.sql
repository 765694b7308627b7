-- What a module needs to run durable workflows: crates/durable has the words for all of this.

-- One run of one process. Waiting is a row here, not an instance: whoever claims it runs it again
-- from its journal.
CREATE TABLE "{{schema}}".workflow (
    -- The reference of everything that it does elsewhere.
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    -- Of the code that began it.
    version integer NOT NULL DEFAULT 1,
    -- The account that it is about, if it is about one.
    subject uuid,
    status text NOT NULL DEFAULT 'running' CHECK (status IN
        -- `running`: somebody has it under a lease, or it is to be taken over. `waiting`: for a signal
        -- or a time. `undoing`: as `running`, on the way back. `stuck`: for a person.
        ('running', 'waiting', 'undoing', 'stuck', 'completed', 'failed', 'cancelled')),
    input jsonb NOT NULL,
    -- What it came to, or the refusal that it failed with.
    outcome jsonb,
    -- Raised by every claim: a holder with an older one can write nothing more.
    fence bigint NOT NULL DEFAULT 1,
    -- Real time. Who holds it has until then.
    lease_until timestamp,
    -- Real time: not to be tried again before.
    retry_at timestamp,
    -- Business time: a wait ends then.
    due_at timestamp,
    -- Names of the signals that end the wait.
    awaits text[] NOT NULL DEFAULT '{}',
    -- Failures by step, `{"reserve": 2}`; of a step that has succeeded too.
    failures jsonb NOT NULL DEFAULT '{}',
    last_error text,
    -- Only tests write it: where to fail on purpose, `[{"step", "when", "times"}]`.
    failpoints jsonb,
    traceparent text,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    ended_at timestamp,
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK (status = 'waiting' OR due_at IS NULL)
) WITH (fillfactor = 70);
-- What nobody may have to wait for: taken over when the lease is over.
CREATE INDEX workflow_running ON "{{schema}}".workflow (lease_until)
    WHERE status IN ('running', 'undoing');
CREATE INDEX workflow_due ON "{{schema}}".workflow (due_at) WHERE status = 'waiting';
CREATE INDEX workflow_list ON "{{schema}}".workflow (kind, status, created_at, id);
CREATE INDEX workflow_ended ON "{{schema}}".workflow (ended_at) WHERE ended_at IS NOT NULL;

-- What has happened, once each. A workflow that is run again reads instead of doing.
CREATE TABLE "{{schema}}".journal (
    workflow_id uuid NOT NULL REFERENCES "{{schema}}".workflow (id) ON DELETE CASCADE,
    -- The step, by its name in the code, and a key where it happens more than once.
    step text NOT NULL CHECK (length(step) BETWEEN 1 AND 60),
    key text NOT NULL DEFAULT '' CHECK (length(key) <= 100),
    -- Order in which the outcomes were noted.
    position integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('step', 'wait', 'undo')),
    outcome jsonb NOT NULL,
    noted_at timestamp NOT NULL,
    PRIMARY KEY (workflow_id, step, key)
);

-- Told to a workflow from outside, possibly before it waits for it, each key once.
CREATE TABLE "{{schema}}".signal (
    workflow_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    payload jsonb NOT NULL,
    arrived_at timestamp NOT NULL,
    -- Order of arrival.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (workflow_id, name, key)
);
CREATE INDEX signal_age ON "{{schema}}".signal (arrived_at);
