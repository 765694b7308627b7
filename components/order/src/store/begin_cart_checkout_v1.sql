-- `begin_checkout_v1` for a checkout of the cart: what is selected at this moment is kept with the
-- claim, `[{"variant_id", "quantity", "unit_price"}]`, and a key taken over from a try that died
-- gets what the first try got, since that is what may be reserved.
CREATE OR REPLACE FUNCTION "order".begin_cart_checkout_v1(
    p_buyer uuid, p_key text, p_hash text, p_reference uuid
) RETURNS TABLE (status integer, body text, checkout_id uuid, lines text)
LANGUAGE plpgsql AS $$
DECLARE
    v_claim record;
    v_lines jsonb;
BEGIN
    SELECT * INTO STRICT v_claim FROM "order".begin_checkout_v1(p_buyer, p_key, p_hash, p_reference);
    IF v_claim.checkout_id IS NOT NULL THEN
        SELECT a.lines INTO v_lines FROM "order".attempt a WHERE a.checkout_id = v_claim.checkout_id;
        IF NOT FOUND THEN
            SELECT jsonb_agg(jsonb_build_object(
                       'variant_id', l.variant_id,
                       'quantity', l.quantity,
                       'unit_price', l.unit_price)
                   ORDER BY l.added_at, l.variant_id)
            INTO v_lines
            FROM "order".cart c JOIN "order".cart_line l ON l.cart_id = c.id
            WHERE c.account_id = p_buyer AND l.selected;
            IF v_lines IS NULL THEN
                -- Which undoes the claim too.
                PERFORM shared.refuse('cart_empty');
            END IF;
            INSERT INTO "order".attempt (checkout_id, lines, created_at)
            VALUES (v_claim.checkout_id, v_lines, shared.now());
        END IF;
    END IF;
    RETURN QUERY SELECT v_claim.status, v_claim.body, v_claim.checkout_id, v_lines::text;
END $$;
