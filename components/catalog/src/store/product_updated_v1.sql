-- `product.updated`: something other than price or status changed.
CREATE OR REPLACE FUNCTION catalog.product_updated_v1(p_id uuid, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog.product_changed_v1(p_id, 'product.updated', jsonb_build_object(
        'name', (SELECT p.name FROM catalog.product p WHERE p.id = p_id)), p_trace);
END $$;
