-- Ends a change of a product that the caller holds: its next version, its lowest price, what search
-- knows of it, and the event, whose sequence is that version. A request that makes two events calls it twice, because
-- consumers guard by the sequence.
CREATE OR REPLACE FUNCTION catalog.product_changed_v1(p_id uuid, p_kind text, p_data jsonb, p_trace text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_product catalog.product;
BEGIN
    UPDATE catalog.product p
    SET version = p.version + 1,
        updated_at = shared.now(),
        -- Of what can be bought; of everything when nothing can.
        lowest_price = coalesce((
            SELECT coalesce(min(v.price) FILTER (WHERE v.enabled), min(v.price))
            FROM catalog.variant v WHERE v.product_id = p_id AND v.deleted_at IS NULL), p.lowest_price)
    WHERE p.id = p_id
    RETURNING p.* INTO STRICT v_product;
    PERFORM catalog.search_index_v1(v_product);
    PERFORM catalog.publish(p_kind, p_id, v_product.version,
        jsonb_build_object('product_id', p_id, 'seller_id', v_product.seller_id) || p_data, p_trace);
END $$;
