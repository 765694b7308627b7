-- Housekeeping: products whose search rows are stale, and what every module has.
CREATE OR REPLACE FUNCTION catalog.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN catalog.search_refresh_v1(1000) + catalog.search_forget_v1() + catalog.tidy_common(500);
END $$;
