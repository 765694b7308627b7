-- What people do not want to be told, and accounts that are erased.

-- Copied from account's events: `category:channel`.
CREATE TABLE notification.preference (
    account_id uuid PRIMARY KEY,
    switched_off text[] NOT NULL,
    sequence bigint NOT NULL
);

-- Their names are gone, and nothing is kept of them any more.
ALTER TABLE notification.person ADD COLUMN erased boolean NOT NULL DEFAULT false;

-- For whoever is erased.
CREATE INDEX message_account ON notification.message (account_id);
CREATE INDEX follow_follower ON notification.follow (follower_id);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('account.notification_preferences_changed', 'notification');
-- Later than anything that one of its tokens may still do.
INSERT INTO shared.subscription (kind, consumer, delay) VALUES
    ('account.erased', 'notification', interval '6 seconds');
