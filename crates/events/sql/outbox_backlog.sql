-- What waits in the outbox: pending and dead deliveries, and the age of the oldest pending one.
CREATE OR REPLACE FUNCTION "{{schema}}".outbox_backlog(
    OUT pending bigint, OUT dead bigint, OUT oldest_ms bigint
)
LANGUAGE sql STABLE AS $$
    SELECT count(*) FILTER (WHERE dead_at IS NULL),
           count(*) FILTER (WHERE dead_at IS NOT NULL),
           coalesce((extract(epoch FROM shared.now() - min(o.occurred_at)
               FILTER (WHERE d.dead_at IS NULL)) * 1000)::bigint, 0)
    FROM "{{schema}}".delivery d JOIN "{{schema}}".outbox o USING (seq)
$$;
