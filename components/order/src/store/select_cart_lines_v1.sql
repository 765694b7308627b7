-- Selects or deselects lines of a cart, or all of them: `p_variants` NULL.
CREATE OR REPLACE FUNCTION "order".select_cart_lines_v1(
    p_account uuid, p_token_hash bytea, p_variants uuid[], p_selected boolean
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_cart "order".cart := "order".hold_cart_v1(p_account, p_token_hash);
BEGIN
    UPDATE "order".cart_line l SET selected = p_selected
    WHERE l.cart_id = v_cart.id AND l.selected <> p_selected
      AND (p_variants IS NULL OR l.variant_id = ANY (p_variants));
    RETURN "order".cart_changed_v1(v_cart.id, FOUND);
END $$;
