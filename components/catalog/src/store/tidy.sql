-- Housekeeping: nothing of `catalog`'s own ends by itself.
CREATE OR REPLACE FUNCTION catalog.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN catalog.tidy_common(500);
END $$;
