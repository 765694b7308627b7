-- Several warehouses, what a seller says of a variant, and single pieces by their serial numbers.

ALTER TABLE inventory.warehouse
    ADD COLUMN active boolean NOT NULL DEFAULT true,
    ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Copies of what the warehouse and the item say: whoever has locked stock knows all about it, without
-- looking at further rows that may change meanwhile.
ALTER TABLE inventory.stock
    ADD COLUMN active boolean NOT NULL DEFAULT true,
    ADD COLUMN serial_tracked boolean NOT NULL DEFAULT false,
    ADD COLUMN low_threshold integer;

-- What a seller has set for a variant, also before there is stock of it. No row: not tracked by serial,
-- no threshold.
CREATE TABLE inventory.item (
    variant_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    -- Every piece on the shelf has a serial number.
    serial_tracked boolean NOT NULL DEFAULT false,
    -- At or below this many available units the seller is told.
    low_threshold integer CHECK (low_threshold BETWEEN 0 AND 1000000),
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamp NOT NULL,
    PRIMARY KEY (variant_id, seller_id)
);

-- Pieces. Of a tracked variant, `on_hand` of a warehouse is the number of its pieces that are
-- `available`; a sale takes them to `sold` when it is committed. The seller moves pieces among the
-- other states by hand: `reserved` is set aside, `returned` came back, `damaged` is not for sale.
CREATE TABLE inventory.serial (
    variant_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    serial text NOT NULL CHECK (serial ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
    -- Where it lies; of a sold piece, where it was taken from.
    warehouse_id uuid NOT NULL REFERENCES inventory.warehouse (id),
    state text NOT NULL CHECK (state IN ('available', 'reserved', 'sold', 'returned', 'damaged')),
    -- The order it was sold to; kept until the seller has it back for sale or for something else.
    order_id uuid,
    changed_at timestamp NOT NULL,
    PRIMARY KEY (variant_id, seller_id, serial),
    CHECK (state <> 'sold' OR order_id IS NOT NULL),
    CHECK (state NOT IN ('available', 'reserved') OR order_id IS NULL)
);
CREATE INDEX serial_available ON inventory.serial (variant_id, warehouse_id, serial) WHERE state = 'available';
CREATE INDEX serial_by_state ON inventory.serial (variant_id, seller_id, state, serial);
CREATE INDEX serial_of_order ON inventory.serial (order_id) WHERE order_id IS NOT NULL;

-- Whether the units of a line were sold by their serial numbers: then these come back, not a count.
ALTER TABLE inventory.reservation_line
    ADD COLUMN by_piece boolean NOT NULL DEFAULT false;

-- `order` makes these calls itself: see 0001.
UPDATE shared.subscription SET delay = interval '2 seconds' WHERE consumer = 'inventory';
