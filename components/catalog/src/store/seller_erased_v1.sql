-- A seller is gone: what they have listed is hidden, and their name is that of somebody who is gone. Products
-- are locked in the order of their ids, as everywhere.
CREATE OR REPLACE FUNCTION catalog.seller_erased_v1(p_id uuid, p_sequence bigint, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_product catalog.product;
BEGIN
    -- The name before the products, as whoever lists one takes them.
    PERFORM catalog.seller_named_v1(p_id, 'Deleted account', p_sequence);
    FOR v_product IN
        SELECT * FROM catalog.product p
        WHERE p.seller_id = p_id AND p.status = 'active' AND p.deleted_at IS NULL
        ORDER BY p.id FOR NO KEY UPDATE
    LOOP
        PERFORM catalog.set_status_v1(v_product, 'hidden', NULL, p_trace);
    END LOOP;
END $$;
