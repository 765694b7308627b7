-- Takes a line out of a cart, or all of them: `p_variant` NULL.
CREATE OR REPLACE FUNCTION "order".remove_cart_lines_v1(
    p_account uuid, p_token_hash bytea, p_variant uuid
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_cart "order".cart := "order".hold_cart_v1(p_account, p_token_hash);
BEGIN
    DELETE FROM "order".cart_line l
    WHERE l.cart_id = v_cart.id AND (p_variant IS NULL OR l.variant_id = p_variant);
    RETURN "order".cart_changed_v1(v_cart.id, FOUND);
END $$;
