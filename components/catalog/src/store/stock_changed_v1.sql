-- Takes what a seller has left of a variant, the newest by sequence, and with it whether the product is in
-- stock. The product gets no new version: its page does not show it, and its seller did not change it.
-- What somebody else has of the variant means nothing. Of an unknown variant it is kept for when it comes.
CREATE OR REPLACE FUNCTION catalog.stock_changed_v1(
    p_variant uuid, p_seller uuid, p_available bigint, p_sequence bigint
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_product uuid;
    v_owner uuid;
BEGIN
    SELECT p.id, p.seller_id INTO v_product, v_owner
    FROM catalog.variant v JOIN catalog.product p ON p.id = v.product_id WHERE v.id = p_variant;
    IF v_owner <> p_seller THEN
        RETURN;
    END IF;
    INSERT INTO catalog.availability AS a (variant_id, seller_id, available, sequence)
    VALUES (p_variant, p_seller, p_available, p_sequence)
    ON CONFLICT (variant_id, seller_id) DO UPDATE SET available = EXCLUDED.available, sequence = EXCLUDED.sequence
    WHERE a.sequence < EXCLUDED.sequence;
    IF NOT FOUND OR v_product IS NULL THEN
        RETURN;
    END IF;
    -- Held before the product's other variants are looked at: of two of them that change at once, one of the two
    -- sees both.
    PERFORM 1 FROM catalog.search_document d WHERE d.product_id = v_product FOR NO KEY UPDATE;
    UPDATE catalog.search_document d SET in_stock = NOT d.in_stock
    WHERE d.product_id = v_product AND d.in_stock <> catalog.product_in_stock_v1(v_product, v_owner);
END $$;
