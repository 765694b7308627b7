-- Moves a guest's cart into an account's, and the guest's is gone: units add up to 999 at most, the
-- newer of two seen prices counts, and what either had selected is selected. A token that is not
-- known, or not any more, leaves the account's cart as it is. The account's cart is locked first and
-- the guest's second, by everybody who locks two.
CREATE OR REPLACE FUNCTION "order".merge_cart_v1(p_account uuid, p_token_hash bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_cart "order".cart := "order".hold_cart_v1(p_account, NULL);
    v_guest uuid;
    v_changed boolean := false;
BEGIN
    SELECT c.id INTO v_guest FROM "order".cart c WHERE c.token_hash = p_token_hash FOR UPDATE;
    IF FOUND THEN
        INSERT INTO "order".cart_line AS l
            (cart_id, variant_id, product_id, seller_id, name, quantity, selected, unit_price, currency,
             priced_at, added_at)
        SELECT v_cart.id, g.variant_id, g.product_id, g.seller_id, g.name, g.quantity, g.selected,
               g.unit_price, g.currency, g.priced_at, g.added_at
        FROM "order".cart_line g WHERE g.cart_id = v_guest
        ON CONFLICT (cart_id, variant_id) DO UPDATE
        SET quantity = least(l.quantity + EXCLUDED.quantity, 999),
            selected = l.selected OR EXCLUDED.selected,
            (name, unit_price, currency, priced_at) = (
                SELECT x.name, x.unit_price, x.currency, x.priced_at
                FROM (VALUES (l.name, l.unit_price, l.currency, l.priced_at),
                             (EXCLUDED.name, EXCLUDED.unit_price, EXCLUDED.currency, EXCLUDED.priced_at))
                     AS x(name, unit_price, currency, priced_at)
                ORDER BY x.priced_at DESC LIMIT 1);
        v_changed := FOUND;
        IF (SELECT count(*) FROM "order".cart_line l WHERE l.cart_id = v_cart.id) > 100 THEN
            PERFORM shared.refuse('cart_full', jsonb_build_object('most_lines', 100));
        END IF;
        DELETE FROM "order".cart c WHERE c.id = v_guest;
    END IF;
    RETURN "order".cart_changed_v1(v_cart.id, v_changed);
END $$;
