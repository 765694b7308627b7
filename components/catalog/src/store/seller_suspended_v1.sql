-- A seller is suspended: what they have listed is hidden and held back. Or is no more: what was held back and is still
-- hidden is listed again. Events of before what is known change nothing. Products are locked in the order of their
-- ids, as everywhere.
CREATE OR REPLACE FUNCTION catalog.seller_suspended_v1(
    p_id uuid, p_suspended boolean, p_sequence bigint, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_product catalog.product;
BEGIN
    INSERT INTO catalog.suspension AS s (seller_id, suspended, sequence) VALUES (p_id, p_suspended, p_sequence)
    ON CONFLICT (seller_id) DO UPDATE SET suspended = p_suspended, sequence = p_sequence
    WHERE s.sequence < p_sequence;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Names before products, as whoever lists one takes them: what is listed shows them.
    PERFORM 1 FROM catalog.category c
    WHERE NOT p_suspended AND c.id IN (
        SELECT p.category_id FROM catalog.product p
        WHERE p.seller_id = p_id AND p.deleted_at IS NULL AND p.held_back)
    ORDER BY c.id FOR SHARE;
    PERFORM 1 FROM catalog.seller s WHERE s.id = p_id FOR SHARE;
    FOR v_product IN
        SELECT * FROM catalog.product p
        WHERE p.seller_id = p_id AND p.deleted_at IS NULL
          AND CASE WHEN p_suspended THEN p.status = 'active' ELSE p.held_back END
        ORDER BY p.id FOR NO KEY UPDATE
    LOOP
        IF p_suspended THEN
            PERFORM catalog.set_status_v1(v_product, 'hidden', 'Its seller is suspended.', p_trace);
            UPDATE catalog.product p SET held_back = true WHERE p.id = v_product.id;
        ELSE
            PERFORM catalog.set_status_v1(v_product, 'active', NULL, p_trace);
        END IF;
    END LOOP;
END $$;
