-- Makes everything that search knows anew from the products, after a bulk load: documents, words,
-- spellings, and what is in stock by the copy of inventory's events. Keeps the units sold. Answers how many
-- products can be found. Changes of products and consumed events wait meanwhile; searches and pages do not.
CREATE OR REPLACE FUNCTION catalog.reindex_search_v1() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_listed bigint;
BEGIN
    LOCK TABLE catalog.product, catalog.availability, catalog.search_document IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM catalog.search_stale;
    DELETE FROM catalog.search_spelling;
    WITH words AS MATERIALIZED (
        SELECT p.id, p.seller_id, p.category_id, p.currency, p.lowest_price, w.head, w.words
        FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id,
             catalog.search_words_v1(p.name, c.name, p.description) w
        WHERE p.status = 'active' AND p.deleted_at IS NULL
    )
    INSERT INTO catalog.search_document AS d (
        product_id, in_stock, listed, seller_id, category_id, currency, lowest_price, head, words)
    SELECT p.id, stocked.product_id IS NOT NULL, w.id IS NOT NULL,
           w.seller_id, w.category_id, w.currency, w.lowest_price, w.head, w.words
    FROM catalog.product p
    LEFT JOIN words w ON w.id = p.id
    LEFT JOIN (
        SELECT DISTINCT v.product_id
        FROM catalog.variant v
        JOIN catalog.product o ON o.id = v.product_id
        JOIN catalog.availability a ON a.variant_id = v.id AND a.seller_id = o.seller_id
        WHERE v.enabled AND v.deleted_at IS NULL AND a.available > 0) stocked ON stocked.product_id = p.id
    ORDER BY p.id
    ON CONFLICT (product_id) DO UPDATE
    SET in_stock = EXCLUDED.in_stock, listed = EXCLUDED.listed, seller_id = EXCLUDED.seller_id,
        category_id = EXCLUDED.category_id, currency = EXCLUDED.currency,
        lowest_price = EXCLUDED.lowest_price, head = EXCLUDED.head, words = EXCLUDED.words
    WHERE (d.in_stock, d.listed, d.seller_id, d.category_id, d.currency, d.lowest_price, d.head, d.words) IS DISTINCT FROM (
        EXCLUDED.in_stock, EXCLUDED.listed, EXCLUDED.seller_id, EXCLUDED.category_id, EXCLUDED.currency,
        EXCLUDED.lowest_price, EXCLUDED.head, EXCLUDED.words);
    PERFORM catalog.spell_v1(ARRAY(
        SELECT s.word FROM ts_stat('SELECT d.head FROM catalog.search_document d WHERE d.listed') s));
    ANALYZE catalog.search_document, catalog.search_spelling;
    SELECT count(*) INTO v_listed FROM catalog.search_document d WHERE d.listed;
    RETURN v_listed;
END $$;
