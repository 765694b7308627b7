-- Business time, UTC. The one clock that statements and defaults may read; fixed within a statement.
-- In PL/pgSQL because its plan is kept for the session; in SQL each place that calls it would plan
-- it anew in each statement, which costs five times as much.
CREATE OR REPLACE FUNCTION shared.now() RETURNS timestamp
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN c.scale = 1 THEN (statement_timestamp() AT TIME ZONE 'utc') + c.clock_offset
            -- A statement that began before the anchor does not fall behind it.
            ELSE greatest(statement_timestamp() AT TIME ZONE 'utc', c.anchored_at) + c.clock_offset
                + greatest((statement_timestamp() AT TIME ZONE 'utc') - c.anchored_at, '0') * (c.scale - 1)
            END
        FROM shared.clock c);
END $$;

-- From now on each real second counts p_scale seconds of business time, which goes on from where it is.
-- Answers that time.
CREATE OR REPLACE FUNCTION shared.set_time_scale(p_scale double precision) RETURNS timestamp
LANGUAGE plpgsql AS $$
DECLARE
    v_real timestamp;
BEGIN
    -- Alone, so that the time of the switch is taken after that of the one before.
    PERFORM 1 FROM shared.clock FOR UPDATE;
    v_real := clock_timestamp() AT TIME ZONE 'utc';
    UPDATE shared.clock
    SET clock_offset = clock_offset + (v_real - anchored_at) * (scale - 1),
        anchored_at = v_real,
        scale = p_scale
    WHERE scale <> p_scale;
    RETURN shared.now();
END $$;

-- Real time, UTC, moving within a statement: leases, fences and everything about security.
CREATE OR REPLACE FUNCTION shared.real_now() RETURNS timestamp
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT clock_timestamp() AT TIME ZONE 'utc'
$$;
