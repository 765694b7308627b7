-- A new cart for a guest's token, or the account's cart, which is made when there is none.
CREATE OR REPLACE FUNCTION "order".make_cart_v1(p_account uuid, p_token_hash bytea)
RETURNS TABLE (body text, made boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_made boolean := true;
    v_cart "order".cart;
BEGIN
    IF p_account IS NULL THEN
        -- Who finds the token here is this same statement, repeated because the connection was lost.
        INSERT INTO "order".cart (id, token_hash, created_at, changed_at)
        VALUES (shared.uuid_v7(), p_token_hash, v_now, v_now)
        ON CONFLICT (token_hash) DO NOTHING;
    ELSE
        v_made := NOT EXISTS (SELECT 1 FROM "order".cart c WHERE c.account_id = p_account);
    END IF;
    v_cart := "order".hold_cart_v1(p_account, p_token_hash);
    RETURN QUERY SELECT "order".cart_changed_v1(v_cart.id, false), v_made;
END $$;
