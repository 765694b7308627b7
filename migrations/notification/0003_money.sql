INSERT INTO shared.subscription (kind, consumer) VALUES
    ('checkout.reminder_due', 'notification'),
    ('checkout.expired', 'notification'),
    ('payment.failed', 'notification'),
    ('payment.late', 'notification'),
    ('payment.refunded', 'notification'),
    ('payout.released', 'notification'),
    ('withdrawal.approved', 'notification'),
    ('withdrawal.rejected', 'notification'),
    ('withdrawal.paid', 'notification'),
    ('promotion.exhausted', 'notification');
