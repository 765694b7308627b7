-- Whose goods are not to be seen: sellers who are suspended.

-- Hidden for as long as its seller is suspended, and listed before.
ALTER TABLE catalog.product
    ADD COLUMN held_back boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT product_held_back CHECK (status = 'hidden' OR NOT held_back) NOT VALID;

-- Copied from account's events. Whoever never was suspended is not here.
CREATE TABLE catalog.suspension (
    seller_id uuid PRIMARY KEY,
    suspended boolean NOT NULL,
    -- Of the newest event taken.
    sequence bigint NOT NULL
);

-- Later than anything that one of their tokens may still do: what is listed until then is hidden, too.
INSERT INTO shared.subscription (kind, consumer, delay) VALUES
    ('account.suspended', 'catalog', interval '6 seconds');
INSERT INTO shared.subscription (kind, consumer) VALUES
    ('account.reinstated', 'catalog');
