-- Business time may run faster than real time: `cargo stoa up --time-scale 1000` shows a week in ten
-- minutes. From `anchored_at` (real time) on, each real second counts `scale` seconds.
ALTER TABLE shared.clock
    ADD COLUMN scale double precision NOT NULL DEFAULT 1 CHECK (scale BETWEEN 1 AND 100000),
    ADD COLUMN anchored_at timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc');
