-- Accounts that are gone are charged no more: later than anything that one of their tokens may still do.
INSERT INTO shared.subscription (kind, consumer, delay) VALUES
    ('account.erased', 'payment', interval '6 seconds');
