-- Checkouts and the orders they became. The schema's name is a reserved word: always quoted.

CREATE TABLE "order".checkout (
    id uuid PRIMARY KEY,
    buyer_id uuid NOT NULL,
    provider text NOT NULL CHECK (provider IN ('cod')),
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total bigint NOT NULL CHECK (total >= 0),
    delivery jsonb NOT NULL,
    placed_at timestamp NOT NULL
);
CREATE INDEX checkout_buyer ON "order".checkout (buyer_id, id DESC);

CREATE TABLE "order"."order" (
    id uuid PRIMARY KEY,
    checkout_id uuid NOT NULL REFERENCES "order".checkout (id),
    buyer_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN
        ('awaiting_confirmation', 'confirmed', 'shipped', 'delivered', 'completed', 'cancelled', 'refunded')),
    -- Who ended a cancelled order, and why.
    ended_by text CHECK (ended_by IN ('buyer', 'seller', 'system')),
    reason text,
    provider text NOT NULL,
    currency char(3) NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    -- Snapshot of where the goods go.
    delivery jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    placed_at timestamp NOT NULL,
    -- Until when the seller may confirm or decline.
    confirm_by timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CHECK (buyer_id <> seller_id),
    CHECK ((status = 'cancelled') = (ended_by IS NOT NULL))
);
CREATE INDEX order_checkout ON "order"."order" (checkout_id);
CREATE INDEX order_of_buyer ON "order"."order" (buyer_id, id DESC);
CREATE INDEX order_of_buyer_by_status ON "order"."order" (buyer_id, status, id DESC);
CREATE INDEX order_of_seller ON "order"."order" (seller_id, id DESC);
CREATE INDEX order_of_seller_by_status ON "order"."order" (seller_id, status, id DESC);
-- Orders whose sellers have yet to answer, by their deadline.
CREATE INDEX order_unanswered ON "order"."order" (confirm_by) WHERE status = 'awaiting_confirmation';

-- Snapshots: what was bought, as it was called and priced at that moment.
CREATE TABLE "order".line (
    order_id uuid NOT NULL REFERENCES "order"."order" (id),
    position smallint NOT NULL,
    variant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    product_version bigint NOT NULL,
    name text NOT NULL,
    sku text NOT NULL,
    attributes jsonb NOT NULL,
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 999),
    PRIMARY KEY (order_id, position)
);

-- Append-only: every state an order was in.
CREATE TABLE "order".history (
    order_id uuid NOT NULL REFERENCES "order"."order" (id),
    version bigint NOT NULL,
    from_status text,
    to_status text NOT NULL,
    actor_id uuid,
    reason text,
    at timestamp NOT NULL,
    PRIMARY KEY (order_id, version)
);
