-- A cart and its lines, `[{"variant_id", "product_id", "seller_id", "name", "quantity", "selected",
-- "unit_price", "currency"}]` in the order in which they were put in. No row: no such cart.
CREATE OR REPLACE FUNCTION "order".cart_v1(p_account uuid, p_token_hash bytea)
RETURNS TABLE (version bigint, lines text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    v_cart "order".cart;
BEGIN
    IF p_account IS NULL THEN
        SELECT * INTO v_cart FROM "order".cart c WHERE c.token_hash = p_token_hash;
    ELSE
        SELECT * INTO v_cart FROM "order".cart c WHERE c.account_id = p_account;
    END IF;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT v_cart.version, (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'variant_id', l.variant_id,
                   'product_id', l.product_id,
                   'seller_id', l.seller_id,
                   'name', l.name,
                   'quantity', l.quantity,
                   'selected', l.selected,
                   'unit_price', l.unit_price,
                   'currency', l.currency)
               ORDER BY l.added_at, l.variant_id), '[]')
        FROM "order".cart_line l WHERE l.cart_id = v_cart.id)::text;
END $$;
