-- Sellers who are gone: later than anything that one of their tokens may still do.
INSERT INTO shared.subscription (kind, consumer, delay) VALUES
    ('account.erased', 'catalog', interval '6 seconds');
