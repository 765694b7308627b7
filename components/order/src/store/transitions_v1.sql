-- Who may move an order from where to where, and what is published of it. The same table stands in
-- domain/order_state.rs, and a unit test holds them together.
CREATE OR REPLACE FUNCTION "order".transitions_v1()
RETURNS TABLE (side text, action text, from_status text, to_status text, kind text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('seller', 'confirm', 'awaiting_confirmation', 'confirmed', 'order.confirmed'),
        ('seller', 'decline', 'awaiting_confirmation', 'cancelled', 'order.declined'),
        ('seller', 'cancel', 'awaiting_confirmation', 'cancelled', 'order.cancelled'),
        ('seller', 'cancel', 'confirmed', 'cancelled', 'order.cancelled'),
        ('buyer', 'cancel', 'awaiting_confirmation', 'cancelled', 'order.cancelled'),
        ('buyer', 'cancel', 'confirmed', 'cancelled', 'order.cancelled'),
        ('system', 'expire', 'awaiting_confirmation', 'cancelled', 'order.cancelled'),
        ('seller', 'ship', 'confirmed', 'shipped', 'order.shipped'),
        ('seller', 'deliver', 'shipped', 'delivered', 'order.delivered'),
        ('buyer', 'receive', 'shipped', 'delivered', 'order.delivered'),
        ('buyer', 'complete', 'delivered', 'completed', 'order.completed'),
        ('system', 'complete', 'delivered', 'completed', 'order.completed')
$$;
