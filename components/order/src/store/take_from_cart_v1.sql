-- Takes out of an account's cart what it has bought, `[{"variant_id", "quantity"}]`. What was put in
-- since the checkout began stays.
CREATE OR REPLACE FUNCTION "order".take_from_cart_v1(p_account uuid, p_bought jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_cart uuid;
    v_gone bigint;
    v_less bigint;
BEGIN
    SELECT c.id INTO v_cart FROM "order".cart c WHERE c.account_id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM "order".cart_line l
    USING jsonb_to_recordset(p_bought) AS b(variant_id uuid, quantity integer)
    WHERE l.cart_id = v_cart AND l.variant_id = b.variant_id AND l.quantity <= b.quantity;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    UPDATE "order".cart_line l SET quantity = l.quantity - b.quantity
    FROM jsonb_to_recordset(p_bought) AS b(variant_id uuid, quantity integer)
    WHERE l.cart_id = v_cart AND l.variant_id = b.variant_id;
    GET DIAGNOSTICS v_less = ROW_COUNT;
    IF v_gone + v_less > 0 THEN
        UPDATE "order".cart c SET version = c.version + 1, changed_at = shared.now() WHERE c.id = v_cart;
    END IF;
END $$;
