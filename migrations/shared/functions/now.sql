-- Business time, UTC. The one clock that statements and defaults may read; fixed within a statement.
CREATE OR REPLACE FUNCTION shared.now() RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (statement_timestamp() AT TIME ZONE 'utc') + clock_offset FROM shared.clock
$$;

-- Real time, UTC, moving within a statement: leases, fences and everything about security.
CREATE OR REPLACE FUNCTION shared.real_now() RETURNS timestamp
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT clock_timestamp() AT TIME ZONE 'utc'
$$;
