-- Makes what search knows of a product agree with the product, which the caller holds. Only what differs is
-- written. Ends with nothing of it to be found while it is not listed.
CREATE OR REPLACE FUNCTION catalog.search_index_v1(p_product catalog.product) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_listed boolean := p_product.status = 'active' AND p_product.deleted_at IS NULL;
    v_old catalog.search_document;
    v_new catalog.search_document;
BEGIN
    INSERT INTO catalog.search_document (product_id) VALUES (p_product.id) ON CONFLICT DO NOTHING;
    -- Held before stock is looked at: whoever takes a stock event of the product looks with the row held, too.
    SELECT * INTO STRICT v_old FROM catalog.search_document d
    WHERE d.product_id = p_product.id FOR NO KEY UPDATE;
    v_new := (p_product.id, catalog.product_in_stock_v1(p_product.id, p_product.seller_id), v_old.units_sold,
              v_listed, NULL, NULL, NULL, NULL, NULL, NULL);
    IF v_listed THEN
        v_new.seller_id := p_product.seller_id;
        v_new.category_id := p_product.category_id;
        v_new.currency := p_product.currency;
        v_new.lowest_price := p_product.lowest_price;
        SELECT w.head, w.words INTO STRICT v_new.head, v_new.words
        FROM catalog.category c,
             catalog.search_words_v1(p_product.name, c.name, p_product.description) w
        WHERE c.id = p_product.category_id;
        IF v_new.head IS DISTINCT FROM v_old.head THEN
            PERFORM catalog.spell_v1(tsvector_to_array(v_new.head));
        END IF;
    END IF;
    IF v_new IS DISTINCT FROM v_old THEN
        UPDATE catalog.search_document d
        SET in_stock = v_new.in_stock, listed = v_new.listed, seller_id = v_new.seller_id,
            category_id = v_new.category_id, currency = v_new.currency, lowest_price = v_new.lowest_price,
            head = v_new.head, words = v_new.words
        WHERE d.product_id = p_product.id;
    END IF;
END $$;
