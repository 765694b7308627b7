-- Checkouts that are paid for, perhaps later, and what promotions take off.

ALTER TABLE "order".checkout
    -- A checkout has its row from the moment in which it waits or is placed.
    ADD COLUMN status text NOT NULL DEFAULT 'placed' CHECK (status IN
        ('awaiting_payment', 'placed', 'cancelled', 'expired')),
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    -- What the lines cost before promotions, with shipping, and what they take off.
    ADD COLUMN list_total bigint,
    ADD COLUMN discount bigint NOT NULL DEFAULT 0 CHECK (discount >= 0),
    ADD COLUMN shipping bigint NOT NULL DEFAULT 0 CHECK (shipping >= 0),
    ADD COLUMN from_wallet bigint NOT NULL DEFAULT 0 CHECK (from_wallet >= 0 AND from_wallet <= total),
    -- `[{"promotion_id", "code", "title", "kind", "amount"}]`
    ADD COLUMN promotions jsonb NOT NULL DEFAULT '[]',
    -- What is going to be placed, while it waits.
    ADD COLUMN plan jsonb,
    ADD COLUMN pay_url text,
    ADD COLUMN expires_at timestamp,
    -- How many reminders went out.
    ADD COLUMN reminders smallint NOT NULL DEFAULT 0,
    ADD COLUMN ended_reason text,
    ADD COLUMN begun_at timestamp,
    ALTER COLUMN placed_at DROP NOT NULL,
    DROP CONSTRAINT checkout_provider_check,
    -- A payment provider, or `wallet` when that covered everything.
    ADD CONSTRAINT checkout_provider_check CHECK (provider ~ '^[a-z0-9_]{1,30}$'),
    ADD CHECK ((status = 'placed') = (placed_at IS NOT NULL)),
    ADD CHECK (status <> 'awaiting_payment' OR (plan IS NOT NULL AND expires_at IS NOT NULL));
-- For the list by status: nearly all checkouts are placed ones.
CREATE INDEX checkout_unplaced ON "order".checkout (buyer_id, status, id) WHERE status <> 'placed';

-- What a checkout of the cart is about is in the input of its workflow now.
DROP TABLE "order".attempt;

-- Their parameters or answers are others now.
DROP FUNCTION IF EXISTS "order".begin_cart_checkout_v1(uuid, text, text, uuid);
DROP FUNCTION IF EXISTS "order".begin_checkout_v1(uuid, text, text, uuid);
DROP FUNCTION IF EXISTS "order".abandon_checkout_v1(uuid, text, uuid);
DROP FUNCTION IF EXISTS "order".checkout_v1(uuid, uuid);
DROP FUNCTION IF EXISTS "order".place_v1(uuid, text, uuid, text, text, text, jsonb, jsonb);
DROP FUNCTION IF EXISTS "order".order_json_v1("order"."order");

ALTER TABLE "order"."order"
    ADD COLUMN list_total bigint,
    ADD COLUMN discount bigint NOT NULL DEFAULT 0 CHECK (discount >= 0),
    ADD COLUMN shipping bigint NOT NULL DEFAULT 0 CHECK (shipping >= 0),
    -- Promotions of the platform: the seller gets this much more than the buyer pays.
    ADD COLUMN subsidy bigint NOT NULL DEFAULT 0 CHECK (subsidy >= 0),
    -- What the seller got, when the escrow was released.
    ADD COLUMN payout bigint,
    ADD COLUMN payout_at timestamp;

ALTER TABLE "order".line
    ADD COLUMN discount bigint NOT NULL DEFAULT 0 CHECK (discount >= 0),
    -- `[{"promotion_id", "amount", "units", "by_platform"}]`
    ADD COLUMN shares jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN category_path text,
    ADD CHECK (discount <= unit_price * quantity);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('payment.settled', 'order'),
    ('payment.expired', 'order'),
    ('payout.released', 'order');
