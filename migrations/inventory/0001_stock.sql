-- Stock by variant and warehouse, reservations, and the ledger of every movement.

CREATE TABLE inventory.warehouse (
    id uuid PRIMARY KEY,
    seller_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Lower is taken from first.
    priority integer NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL,
    UNIQUE (seller_id, name)
);

CREATE TABLE inventory.stock (
    variant_id uuid NOT NULL,
    warehouse_id uuid NOT NULL REFERENCES inventory.warehouse (id),
    -- The warehouse's owner: only stock of the seller of a variant counts for its buyers.
    seller_id uuid NOT NULL,
    on_hand integer NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
    reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamp NOT NULL,
    PRIMARY KEY (variant_id, warehouse_id),
    -- Available is never negative.
    CHECK (reserved <= on_hand)
) WITH (fillfactor = 80);
CREATE INDEX stock_of_seller ON inventory.stock (seller_id, variant_id);

-- One order's claim on stock. A tombstone is a row in state `released` without lines.
CREATE TABLE inventory.reservation (
    order_id uuid PRIMARY KEY,
    -- NULL on a tombstone.
    checkout_id uuid,
    seller_id uuid,
    state text NOT NULL CHECK (state IN ('reserved', 'committed', 'released', 'expired', 'restocked')),
    reason text,
    expires_at timestamp,
    created_at timestamp NOT NULL,
    changed_at timestamp NOT NULL
);
CREATE INDEX reservation_checkout ON inventory.reservation (checkout_id);
CREATE INDEX reservation_expiry ON inventory.reservation (expires_at) WHERE state = 'reserved';

CREATE TABLE inventory.reservation_line (
    order_id uuid NOT NULL REFERENCES inventory.reservation (order_id),
    variant_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, variant_id, warehouse_id)
);

-- Append-only. `on_hand` of a stock row is the sum of its `on_hand_delta`, `reserved` that of its
-- `reserved_delta`.
CREATE TABLE inventory.movement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('import', 'reserve', 'release', 'expire', 'commit', 'return', 'adjust', 'transfer')),
    on_hand_delta integer NOT NULL,
    reserved_delta integer NOT NULL,
    order_id uuid,
    actor_id uuid,
    reason text,
    at timestamp NOT NULL
);
CREATE INDEX movement_stock ON inventory.movement (variant_id, warehouse_id, id DESC);

-- The net under the composed calls: should `order` die between placing and committing, or between
-- cancelling and restocking, its events do what the call would have done.
INSERT INTO shared.subscription (kind, consumer) VALUES
    ('order.placed', 'inventory'),
    ('order.declined', 'inventory'),
    ('order.cancelled', 'inventory');
