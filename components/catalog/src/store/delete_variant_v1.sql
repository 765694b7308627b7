-- Deletes a variant at the product's version given. A product without variants would be nothing.
CREATE OR REPLACE FUNCTION catalog.delete_variant_v1(
    p_account uuid, p_id uuid, p_variant uuid, p_version bigint, p_trace text
) RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog.product_for_change_v1(p_id, p_account, false, p_version);
    UPDATE catalog.variant v SET deleted_at = shared.now()
    WHERE v.id = p_variant AND v.product_id = p_id AND v.deleted_at IS NULL;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF NOT EXISTS (
        SELECT 1 FROM catalog.variant v WHERE v.product_id = p_id AND v.deleted_at IS NULL) THEN
        PERFORM shared.refuse('last_variant');
    END IF;
    PERFORM catalog.product_updated_v1(p_id, p_trace);
    RETURN QUERY SELECT p.version, p.body FROM catalog.product_page_v1(p_id, p_account, false) p;
END $$;
