-- Whether anything of a product can be bought now: of its variants that are for sale, and of what its
-- own seller has of them.
CREATE OR REPLACE FUNCTION catalog.product_in_stock_v1(p_product uuid, p_seller uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM catalog.variant v
        JOIN catalog.availability a ON a.variant_id = v.id AND a.seller_id = p_seller
        WHERE v.product_id = p_product AND v.enabled AND v.deleted_at IS NULL AND a.available > 0);
END $$;
