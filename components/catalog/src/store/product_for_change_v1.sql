-- Locks a product for a change by its owner, or by a moderator. p_version NULL: whatever version.
CREATE OR REPLACE FUNCTION catalog.product_for_change_v1(
    p_id uuid, p_account uuid, p_moderator boolean, p_version bigint
) RETURNS catalog.product
LANGUAGE plpgsql AS $$
DECLARE
    v_product catalog.product;
BEGIN
    SELECT * INTO v_product FROM catalog.product p
    WHERE p.id = p_id AND p.deleted_at IS NULL AND (p.seller_id = p_account OR p_moderator)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_product.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    RETURN v_product;
END $$;
