INSERT INTO shared.subscription (kind, consumer) VALUES
    ('payout.identity_approved', 'notification'),
    ('payout.identity_rejected', 'notification'),
    ('payout.skipped', 'notification');
