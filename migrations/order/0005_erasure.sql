-- Accounts that are gone leave no cart: later than anything that one of their tokens may still do.
INSERT INTO shared.subscription (kind, consumer, delay) VALUES
    ('account.erased', 'order', interval '6 seconds');
