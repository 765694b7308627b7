-- What a kind of notification is about, as preferences name it. NULL: none of that, and always told.
CREATE OR REPLACE FUNCTION notification.category_v1(p_kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN p_kind = 'product.listed' THEN 'follows'
        WHEN p_kind LIKE 'order.%' THEN 'orders'
        WHEN p_kind LIKE 'cart.%' OR p_kind LIKE 'checkout.%' THEN 'reminders'
        WHEN p_kind LIKE 'inventory.%' OR p_kind LIKE 'promotion.%' THEN 'selling'
        WHEN p_kind LIKE 'payment.%' OR p_kind LIKE 'payout.%' OR p_kind LIKE 'withdrawal.%' THEN 'money'
    END
$$;
