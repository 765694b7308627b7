-- What happens to an order after its confirmation, forgotten carts, and shelves that run low.
INSERT INTO shared.subscription (kind, consumer) VALUES
    ('order.shipped', 'notification'),
    ('order.delivered', 'notification'),
    ('order.completed', 'notification'),
    ('cart.abandoned', 'notification'),
    ('inventory.low', 'notification');
