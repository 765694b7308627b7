-- Writes a line into a cart whose row the caller holds, with the price of this moment as the one
-- that the buyer has seen. `p_offer` is `{"variant_id", "product_id", "seller_id", "name",
-- "unit_price", "currency"}`; `p_selected` NULL leaves a line as it is and selects a new one.
-- Answers whether the line is another one now.
CREATE OR REPLACE FUNCTION "order".write_cart_line_v1(
    p_cart uuid, p_offer jsonb, p_quantity integer, p_selected boolean
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_old "order".cart_line;
    v_new "order".cart_line;
BEGIN
    SELECT * INTO v_old FROM "order".cart_line l
    WHERE l.cart_id = p_cart AND l.variant_id = (p_offer->>'variant_id')::uuid;
    IF NOT FOUND THEN
        IF (SELECT count(*) FROM "order".cart_line l WHERE l.cart_id = p_cart) >= 100 THEN
            PERFORM shared.refuse('cart_full', jsonb_build_object('most_lines', 100));
        END IF;
        INSERT INTO "order".cart_line
            (cart_id, variant_id, product_id, seller_id, name, quantity, selected, unit_price, currency,
             priced_at, added_at)
        SELECT p_cart, o.variant_id, o.product_id, o.seller_id, o.name, p_quantity,
               coalesce(p_selected, true), o.unit_price, o.currency, v_now, v_now
        FROM jsonb_to_record(p_offer) AS o(
            variant_id uuid, product_id uuid, seller_id uuid, name text, unit_price bigint, currency text);
        RETURN true;
    END IF;
    UPDATE "order".cart_line l
    SET name = p_offer->>'name', quantity = p_quantity, selected = coalesce(p_selected, l.selected),
        unit_price = (p_offer->>'unit_price')::bigint, currency = p_offer->>'currency', priced_at = v_now
    WHERE l.cart_id = p_cart AND l.variant_id = v_old.variant_id
    RETURNING l.* INTO v_new;
    -- Having looked again is no change.
    v_new.priced_at := v_old.priced_at;
    RETURN v_new IS DISTINCT FROM v_old;
END $$;
