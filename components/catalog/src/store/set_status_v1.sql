-- Moves a product that the caller holds to another state. Whether it may is the caller's matter. Whatever held it back
-- for the time that its seller is suspended does so no more.
CREATE OR REPLACE FUNCTION catalog.set_status_v1(
    p_product catalog.product, p_to text, p_reason text, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog.product p
    SET status = p_to, status_reason = p_reason, held_back = false,
        first_listed_at = CASE WHEN p_to = 'active' THEN coalesce(p.first_listed_at, shared.now())
                               ELSE p.first_listed_at END
    WHERE p.id = p_product.id;
    PERFORM catalog.product_changed_v1(p_product.id, 'product.status_changed', jsonb_build_object(
        'name', p_product.name, 'from_status', p_product.status, 'to_status', p_to,
        'first_listing', p_to = 'active' AND p_product.first_listed_at IS NULL, 'reason', p_reason), p_trace);
END $$;
