-- What time does to this module's rows, a bounded number of each at once, and what every module has to do.
-- Answers how many rows there were.
CREATE OR REPLACE FUNCTION payment.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN payment.tidy_sessions_v1(100)
        + payment.tidy_rates_v1(200)
        + payment.tidy_sandbox_v1(200)
        + payment.tidy_identities_v1(200)
        + payment.tidy_common(500);
END $$;
