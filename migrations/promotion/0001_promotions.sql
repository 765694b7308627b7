-- Promotions, their schedules and limits, and who uses them.

CREATE TABLE promotion.promotion (
    id uuid PRIMARY KEY,
    -- The seller who pays for it, and on whose products alone it works; NULL: the platform.
    owner_id uuid,
    kind text NOT NULL CHECK (kind IN
        ('product_discount', 'shipping_discount', 'buy_x_get_y', 'bundle', 'cashback')),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    description text CHECK (length(description) <= 2000),
    enabled boolean NOT NULL DEFAULT true,
    -- Without a code it applies by itself. Upper case.
    code text CHECK (code ~ '^[A-Z0-9_-]{3,40}$'),
    -- Within a group the best one wins; groups stack in the order of their positions.
    group_name text NOT NULL DEFAULT 'default' CHECK (group_name ~ '^[a-z0-9_-]{1,40}$'),
    group_position integer NOT NULL DEFAULT 100 CHECK (group_position BETWEEN 0 AND 1000),
    -- Its group stands alone, and only if that is better for the buyer.
    exclusive boolean NOT NULL DEFAULT false,
    -- Ties: the higher one wins.
    priority integer NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000 AND 1000),
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- What it does, by kind; the README has the shapes.
    rule jsonb NOT NULL,
    -- On what: `{"categories": [slug], "products": [id], "variants": [id]}`; empty: everything.
    scope jsonb NOT NULL DEFAULT '{}',
    -- For whom: `{"first_order_only", "minimum_spend", "segments"}`.
    conditions jsonb NOT NULL DEFAULT '{}',
    starts_at timestamp NOT NULL,
    ends_at timestamp CHECK (ends_at > starts_at),
    -- When between the two: `{"cron", "zone", "duration_s"}`; NULL: always.
    recurrence jsonb,
    -- Minor units in all; NULL: without end. `used_amount` counts against it.
    budget bigint CHECK (budget > 0),
    usage_limit bigint CHECK (usage_limit > 0),
    usage_limit_per_account integer CHECK (usage_limit_per_account > 0),
    -- Held and spent together. How much of it is held stands in `hold_use`: so a purchase that is
    -- paid for does not touch this row, which hundreds may want at once.
    used_amount bigint NOT NULL DEFAULT 0 CHECK (used_amount >= 0),
    used_uses bigint NOT NULL DEFAULT 0 CHECK (used_uses >= 0),
    exhausted_told boolean NOT NULL DEFAULT false,
    -- Of what its owner decides; uses do not count.
    version bigint NOT NULL DEFAULT 1,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    deleted_at timestamp,
    CONSTRAINT promotion_budget CHECK (budget IS NULL OR used_amount <= budget),
    CONSTRAINT promotion_usage_limit CHECK (usage_limit IS NULL OR used_uses <= usage_limit)
    -- Room for the counters' new versions beside the old ones.
) WITH (fillfactor = 70);
-- The code of a deleted promotion may be given to another one.
CREATE UNIQUE INDEX promotion_code ON promotion.promotion (code)
    WHERE code IS NOT NULL AND deleted_at IS NULL;
-- What may apply by itself and is not over: the platform's, and a seller's. Two indexes, because the
-- planner cannot know that few of the platform's many promotions are such.
CREATE INDEX promotion_automatic ON promotion.promotion
    (currency, (coalesce(ends_at, 'infinity'::timestamp)))
    WHERE owner_id IS NULL AND code IS NULL AND enabled AND deleted_at IS NULL;
CREATE INDEX promotion_automatic_of_seller ON promotion.promotion
    (owner_id, currency, (coalesce(ends_at, 'infinity'::timestamp)))
    WHERE owner_id IS NOT NULL AND code IS NULL AND enabled AND deleted_at IS NULL;
-- Whether there is any such at all. The id's clause keeps it out of the plans of other queries, to which
-- its shortness looks tempting; this one repeats it.
CREATE INDEX promotion_automatic_end ON promotion.promotion (ends_at)
    WHERE code IS NULL AND enabled AND deleted_at IS NULL AND id IS NOT NULL;
CREATE INDEX promotion_of_owner ON promotion.promotion (owner_id, id) WHERE deleted_at IS NULL;

-- How often an account uses it; the limit of an account is guarded by this row. No foreign key:
-- its check would lock the promotion's row once more.
CREATE TABLE promotion.account_usage (
    promotion_id uuid NOT NULL,
    account_id uuid NOT NULL,
    uses integer NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (promotion_id, account_id)
);

-- What a checkout uses.
CREATE TABLE promotion.hold (
    -- The checkout.
    reference uuid PRIMARY KEY,
    -- NULL of a tombstone: released before it was held.
    account_id uuid,
    state text NOT NULL CHECK (state IN ('held', 'committed', 'released', 'expired')),
    expires_at timestamp,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CHECK (state IN ('released', 'expired') OR account_id IS NOT NULL),
    CHECK (state <> 'held' OR expires_at IS NOT NULL)
);
CREATE INDEX hold_expiring ON promotion.hold (expires_at) WHERE state = 'held';
CREATE INDEX hold_ended ON promotion.hold (updated_at) WHERE state IN ('released', 'expired');

-- Each promotion that it uses, once.
CREATE TABLE promotion.hold_use (
    reference uuid NOT NULL REFERENCES promotion.hold (reference) ON DELETE CASCADE,
    promotion_id uuid NOT NULL,
    -- Minor units of the promotion's budget.
    amount bigint NOT NULL CHECK (amount >= 0),
    -- While the hold is `held`.
    held boolean NOT NULL,
    PRIMARY KEY (reference, promotion_id)
);
CREATE INDEX hold_use_held ON promotion.hold_use (promotion_id) INCLUDE (amount) WHERE held;

-- Accounts that have an order already: for promotions of the first one.
CREATE TABLE promotion.buyer (
    account_id uuid PRIMARY KEY,
    first_order_at timestamp NOT NULL
);
-- Accounts in segments, which moderators keep.
CREATE TABLE promotion.segment_member (
    segment text NOT NULL CHECK (segment ~ '^[a-z0-9_-]{1,40}$'),
    account_id uuid NOT NULL,
    added_at timestamp NOT NULL,
    PRIMARY KEY (segment, account_id)
);
CREATE INDEX segment_of_account ON promotion.segment_member (account_id, segment);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('order.placed', 'promotion'),
    ('checkout.cancelled', 'promotion'),
    ('checkout.expired', 'promotion');
-- Nets under the calls that order makes itself.
UPDATE shared.subscription SET delay = interval '2 seconds'
WHERE consumer = 'promotion' AND kind IN ('checkout.cancelled', 'checkout.expired');
