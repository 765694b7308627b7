-- Gives up the key of a checkout that was refused, so that the client may repeat it at once, and what
-- was kept of the cart with it. False when another request with the key has placed the checkout
-- meanwhile. After true it can never be placed, since `place_v1` asks for the key: what was reserved
-- for it may be released.
CREATE OR REPLACE FUNCTION "order".abandon_checkout_v1(p_buyer uuid, p_key text, p_checkout uuid)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM "order".idempotency_abandon(p_buyer, p_key, p_checkout);
    DELETE FROM "order".attempt a WHERE a.checkout_id = p_checkout;
    RETURN NOT EXISTS (SELECT 1 FROM "order".checkout c WHERE c.id = p_checkout);
END $$;
