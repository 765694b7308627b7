-- Creates a product with its variants, as a draft or listed at once. p_product: the request, with
-- slug and the variants' ids filled in. The product's id is p_reference.
CREATE OR REPLACE FUNCTION catalog.create_product_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text, p_product jsonb
) RETURNS TABLE (status integer, body text, replayed boolean, version_now bigint, product uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_now timestamp := shared.now();
    v_product catalog.product;
    v_constraint text;
BEGIN
    v_stored := catalog.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT * FROM catalog.replayed_v1(v_stored);
        RETURN;
    END IF;
    PERFORM catalog.hold_category_v1((p_product->>'category_id')::uuid);
    PERFORM 1 FROM catalog.seller s WHERE s.id = p_account FOR SHARE;
    BEGIN
        INSERT INTO catalog.product AS p (id, seller_id, slug, name, description, category_id, condition,
            specifications, currency, min_per_order, max_per_order, lowest_price, created_at, updated_at)
        VALUES (p_reference, p_account, p_product->>'slug', p_product->>'name', p_product->>'description',
            (p_product->>'category_id')::uuid, p_product->>'condition', p_product->'specifications',
            p_product->>'currency', (p_product->>'min_per_order')::int, (p_product->>'max_per_order')::int,
            (SELECT min((v->>'price')::bigint) FROM jsonb_array_elements(p_product->'variants') v),
            v_now, v_now)
        ON CONFLICT (id) DO NOTHING
        RETURNING p.* INTO v_product;
        -- Not inserted: the first try of this very request made it, and its answer was lost.
        IF v_product.id IS NOT NULL THEN
            INSERT INTO catalog.variant (id, product_id, sku, attributes, price, weight_g, barcode, position)
            SELECT (v->>'id')::uuid, p_reference, v->>'sku', v->'attributes', (v->>'price')::bigint,
                   (v->>'weight_g')::int, v->>'barcode', n
            FROM jsonb_array_elements(p_product->'variants') WITH ORDINALITY AS x(v, n);
        END IF;
    EXCEPTION WHEN unique_violation THEN
        GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
        IF v_constraint = 'product_slug' THEN
            PERFORM shared.refuse('slug_taken', jsonb_build_object('slug', p_product->>'slug'));
        ELSIF v_constraint = 'variant_combination' THEN
            PERFORM shared.refuse('variant_exists');
        END IF;
        RAISE;
    END;
    IF v_product.id IS NOT NULL THEN
        INSERT INTO catalog.price_history (variant_id, price, actor_id, changed_at)
        SELECT v.id, v.price, p_account, v_now FROM catalog.variant v WHERE v.product_id = p_reference;
        PERFORM catalog.publish('product.created', p_reference, v_product.version, jsonb_build_object(
            'product_id', p_reference, 'seller_id', p_account, 'name', v_product.name), p_trace);
        IF (p_product->>'publish')::boolean THEN
            PERFORM catalog.set_status_v1(v_product, 'active', NULL, p_trace);
        ELSE
            PERFORM catalog.search_index_v1(v_product);
        END IF;
    END IF;
    RETURN QUERY SELECT * FROM catalog.answered_v1(p_account, p_key, 201, p_reference, false);
END $$;
