-- Sets a line of a cart: as often as one likes. See `write_cart_line_v1` for the offer.
CREATE OR REPLACE FUNCTION "order".put_cart_line_v1(
    p_account uuid, p_token_hash bytea, p_offer jsonb, p_quantity integer, p_selected boolean
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_cart "order".cart := "order".hold_cart_v1(p_account, p_token_hash);
BEGIN
    RETURN "order".cart_changed_v1(v_cart.id,
        "order".write_cart_line_v1(v_cart.id, p_offer, p_quantity, p_selected));
END $$;
