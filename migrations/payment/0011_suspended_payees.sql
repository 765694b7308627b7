-- Who is paid out by no schedule: accounts that are suspended.

-- Copied from account's events. Whoever never was suspended is not here.
CREATE TABLE payment.suspension (
    account_id uuid PRIMARY KEY,
    suspended boolean NOT NULL,
    -- Of the newest event taken.
    sequence bigint NOT NULL
);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('account.suspended', 'payment'),
    ('account.reinstated', 'payment');
