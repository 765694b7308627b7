-- Locks the cart that is about to change, so that changes of one cart follow one another: the
-- account's, which is made when there is none, or the one of a guest's token.
CREATE OR REPLACE FUNCTION "order".hold_cart_v1(p_account uuid, p_token_hash bytea) RETURNS "order".cart
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_cart "order".cart;
BEGIN
    IF p_account IS NULL THEN
        SELECT * INTO v_cart FROM "order".cart c WHERE c.token_hash = p_token_hash FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM shared.refuse('not_found');
        END IF;
        RETURN v_cart;
    END IF;
    SELECT * INTO v_cart FROM "order".cart c WHERE c.account_id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        -- Whoever makes it at the same moment is waited for, and the row is locked either way.
        INSERT INTO "order".cart AS c (id, account_id, created_at, changed_at)
        VALUES (shared.uuid_v7(), p_account, v_now, v_now)
        ON CONFLICT (account_id) DO UPDATE SET changed_at = c.changed_at
        RETURNING c.* INTO v_cart;
    END IF;
    RETURN v_cart;
END $$;
