-- Keeps a product among an account's favorites; `p_id` becomes the favorite's. One that is there stays as it
-- is. Whether there is such a product the catalogue knows.
CREATE OR REPLACE FUNCTION account.favor_v1(p_account uuid, p_product uuid, p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM account.hold_account_v1(p_account);
    IF EXISTS (SELECT FROM account.favorite f WHERE f.account_id = p_account AND f.product_id = p_product) THEN
        RETURN;
    ELSIF (SELECT count(*) FROM account.favorite f WHERE f.account_id = p_account) >= 1000 THEN
        PERFORM shared.refuse('too_many_favorites');
    END IF;
    INSERT INTO account.favorite (account_id, product_id, id, created_at)
    VALUES (p_account, p_product, p_id, shared.now());
END $$;
