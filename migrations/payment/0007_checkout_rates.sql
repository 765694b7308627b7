-- Rates by which a checkout is converted: of several currencies into one, under the checkout's id.
ALTER TABLE payment.rate_snapshot
    -- Of such a one: `rates` are units of this for one of each. `base` is of the others.
    ADD COLUMN quote char(3),
    ALTER COLUMN base DROP NOT NULL,
    ADD CHECK ((base IS NULL) <> (quote IS NULL));
