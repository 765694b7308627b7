-- In-app notifications, and the copies of others' facts that they are made from.

CREATE TABLE notification.notification (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    -- One event notifies an account at most once.
    event_id uuid NOT NULL,
    kind text NOT NULL,
    -- What the template of the kind needs.
    data jsonb NOT NULL,
    created_at timestamp NOT NULL,
    read_at timestamp,
    UNIQUE (account_id, event_id)
);
CREATE INDEX notification_list ON notification.notification (account_id, id DESC);
CREATE INDEX notification_unread ON notification.notification (account_id, id DESC) WHERE read_at IS NULL;
CREATE INDEX notification_read_age ON notification.notification (created_at) WHERE read_at IS NOT NULL;

-- Display names, copied from account's events.
CREATE TABLE notification.person (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    sequence bigint NOT NULL
);

-- Who follows whom, copied from account's events.
CREATE TABLE notification.follow (
    follower_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    active boolean NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (seller_id, follower_id)
);

-- First listings of the last day. Events of different modules are not ordered among each other:
-- a follow that arrives after a listing it preceded finds the listing here.
CREATE TABLE notification.listing (
    product_id uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    data jsonb NOT NULL,
    listed_at timestamp NOT NULL
);
CREATE INDEX listing_seller ON notification.listing (seller_id, listed_at);
CREATE INDEX listing_age ON notification.listing (listed_at);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('account.registered', 'notification'),
    ('account.profile_updated', 'notification'),
    ('account.followed', 'notification'),
    ('account.unfollowed', 'notification'),
    ('product.status_changed', 'notification'),
    ('order.placed', 'notification'),
    ('order.confirmed', 'notification'),
    ('order.declined', 'notification'),
    ('order.cancelled', 'notification');
