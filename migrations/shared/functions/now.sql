-- Business time, UTC. The one clock that statements and defaults may read; fixed within a statement.
-- In PL/pgSQL because its plan is kept for the session; in SQL each place that calls it would plan
-- it anew in each statement, which costs five times as much.
CREATE OR REPLACE FUNCTION shared.now() RETURNS timestamp
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (statement_timestamp() AT TIME ZONE 'utc') + (SELECT c.clock_offset FROM shared.clock c);
END $$;

-- Real time, UTC, moving within a statement: leases, fences and everything about security.
CREATE OR REPLACE FUNCTION shared.real_now() RETURNS timestamp
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT clock_timestamp() AT TIME ZONE 'utc'
$$;
