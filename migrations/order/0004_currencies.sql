-- Lines of other currencies in a checkout of one.

ALTER TABLE "order".checkout
    -- By which rates they were converted, if there are any; frozen by payment, under the checkout's id.
    ADD COLUMN rate_snapshot_id uuid;

ALTER TABLE "order"."order"
    ADD COLUMN rate_snapshot_id uuid;

ALTER TABLE "order".line
    -- The price of one unit as its seller names it, and what one of that currency was worth, where
    -- `unit_price` was converted.
    ADD COLUMN list_price bigint CHECK (list_price >= 0),
    ADD COLUMN list_currency char(3) CHECK (list_currency ~ '^[A-Z]{3}$'),
    ADD COLUMN exchange_rate numeric(24, 12) CHECK (exchange_rate > 0),
    ADD CHECK (num_nulls(list_price, list_currency, exchange_rate) IN (0, 3));
