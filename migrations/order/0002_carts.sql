-- Carts, and what happens to an order between its confirmation and its end.

CREATE TABLE "order".cart (
    id uuid PRIMARY KEY,
    -- An account's cart has an account, a guest's has the SHA-256 of its token.
    account_id uuid UNIQUE,
    token_hash bytea UNIQUE,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamp NOT NULL,
    -- When the lines last changed: 24 hours later the account is reminded, 30 days later the cart goes.
    changed_at timestamp NOT NULL,
    -- The version that the account has been reminded of.
    reminded_version bigint,
    CHECK ((account_id IS NULL) <> (token_hash IS NULL))
);
CREATE INDEX cart_age ON "order".cart (changed_at);
-- Accounts' carts of whose present lines nobody has been reminded.
CREATE INDEX cart_unreminded ON "order".cart (changed_at)
    WHERE account_id IS NOT NULL AND reminded_version IS DISTINCT FROM version;

CREATE TABLE "order".cart_line (
    cart_id uuid NOT NULL REFERENCES "order".cart (id) ON DELETE CASCADE,
    variant_id uuid NOT NULL,
    -- Neither ever changes of a variant: who sells it is known before the catalogue has answered.
    product_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    -- What it was called when the buyer put it in: for a line that is not in the shop any more.
    name text NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 999),
    -- Whether a checkout of the cart takes it.
    selected boolean NOT NULL DEFAULT true,
    -- The price that the buyer has seen, and when: a checkout that finds another one says so first.
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    priced_at timestamp NOT NULL,
    added_at timestamp NOT NULL,
    PRIMARY KEY (cart_id, variant_id)
);

-- What a checkout of a cart is about, from the claim of its key until it is placed or given up: a
-- try that takes the key over buys what the first one reserved, whatever is in the cart by then.
CREATE TABLE "order".attempt (
    checkout_id uuid PRIMARY KEY,
    -- `[{"variant_id", "quantity", "unit_price"}]`, in the order of the cart.
    lines jsonb NOT NULL,
    created_at timestamp NOT NULL
);
CREATE INDEX attempt_age ON "order".attempt (created_at);

ALTER TABLE "order"."order"
    -- Who carries it, and under which number: `{"carrier", "tracking_number"}`.
    ADD COLUMN shipment jsonb,
    ADD COLUMN shipped_at timestamp,
    ADD COLUMN delivered_at timestamp,
    -- When a delivered order completes by itself.
    ADD COLUMN complete_by timestamp,
    ADD COLUMN completed_at timestamp,
    -- What the lists are searched by: names and codes of the lines, in lower case without accents.
    ADD COLUMN search_text text NOT NULL DEFAULT '',
    ADD CHECK (status NOT IN ('shipped', 'delivered', 'completed')
        OR (shipment IS NOT NULL AND shipped_at IS NOT NULL)),
    ADD CHECK (status NOT IN ('delivered', 'completed') OR delivered_at IS NOT NULL),
    ADD CHECK ((delivered_at IS NULL) = (complete_by IS NULL)),
    ADD CHECK (status <> 'completed' OR completed_at IS NOT NULL);
CREATE INDEX order_completing ON "order"."order" (complete_by) WHERE status = 'delivered';
-- The lists are in the order of business time, by which they are also filtered.
DROP INDEX "order".order_of_buyer, "order".order_of_buyer_by_status,
    "order".order_of_seller, "order".order_of_seller_by_status;
CREATE INDEX order_of_buyer ON "order"."order" (buyer_id, placed_at, id);
CREATE INDEX order_of_buyer_by_status ON "order"."order" (buyer_id, status, placed_at, id);
CREATE INDEX order_of_seller ON "order"."order" (seller_id, placed_at, id);
CREATE INDEX order_of_seller_by_status ON "order"."order" (seller_id, status, placed_at, id);
