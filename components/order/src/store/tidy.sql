-- What time does to this module's rows, a bounded number of each at once, and what every module has
-- to do. Answers how many rows there were.
CREATE OR REPLACE FUNCTION "order".tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN "order".tidy_orders_v1(200)
        + "order".tidy_carts_v1()
        + "order".tidy_common(500);
END $$;
