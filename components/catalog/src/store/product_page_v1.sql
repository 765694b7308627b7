-- THE hot read: a product's page, as JSON text. `public` says whether anybody may see it; `body` is
-- NULL when p_viewer may not (p_moderator sees all but what is deleted). No row: there never was such
-- a product. `recent`: a write that made this version may have committed within the last moments;
-- no write runs longer than the 10 s of `statement_timeout` after the instant it is stamped with.
-- Money and times are what `shared.money` and `shared.rfc3339` would make. Postgres cannot inline
-- those, and their calls would be a third of this function's time.
CREATE OR REPLACE FUNCTION catalog.product_page_v1(p_id uuid, p_viewer uuid, p_moderator boolean)
RETURNS TABLE (version bigint, public boolean, body text, seller_id uuid, recent boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.version, p.status = 'active' AND p.deleted_at IS NULL,
        CASE WHEN p.deleted_at IS NULL AND (p.status = 'active' OR p.seller_id = p_viewer OR p_moderator) THEN
            json_build_object(
                'id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description,
                'category', json_build_object('id', c.id, 'name', c.name, 'path', c.path),
                'seller', json_build_object('id', p.seller_id, 'name', s.name),
                'condition', p.condition, 'specifications', p.specifications,
                'status', p.status, 'status_reason', p.status_reason,
                'currency', p.currency, 'lowest_price', json_build_object('amount', p.lowest_price, 'currency', p.currency),
                'variants', (
                    SELECT json_agg(json_build_object(
                        'id', v.id, 'sku', v.sku, 'attributes', v.attributes,
                        'price', json_build_object('amount', v.price, 'currency', p.currency), 'weight_g', v.weight_g,
                        'barcode', v.barcode, 'enabled', v.enabled) ORDER BY v.position, v.id)
                    FROM catalog.variant v WHERE v.product_id = p.id AND v.deleted_at IS NULL),
                'min_per_order', p.min_per_order, 'max_per_order', p.max_per_order,
                'version', p.version, 'created_at', to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                'updated_at', to_char(p.updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text
        END,
        p.seller_id, p.updated_at > shared.now() - interval '12 seconds'
    FROM catalog.product p
    JOIN catalog.category c ON c.id = p.category_id
    LEFT JOIN catalog.seller s ON s.id = p.seller_id
    WHERE p.id = p_id;
END $$;
