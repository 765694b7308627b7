-- Deletes a product: nobody sees it any more, and its slug is free. Its row stays for what was sold.
CREATE OR REPLACE FUNCTION catalog.delete_product_v1(
    p_account uuid, p_id uuid, p_version bigint, p_trace text
) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog.product_for_change_v1(p_id, p_account, false, p_version);
    UPDATE catalog.product p SET deleted_at = shared.now() WHERE p.id = p_id;
    PERFORM catalog.product_changed_v1(p_id, 'product.deleted', '{}', p_trace);
    RETURN (SELECT p.version FROM catalog.product p WHERE p.id = p_id);
END $$;
