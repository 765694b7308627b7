-- Changes a variant at the product's version given. A new price is a `product.price_changed`, anything
-- else a `product.updated`; a request that does both makes two versions.
CREATE OR REPLACE FUNCTION catalog.change_variant_v1(
    p_account uuid, p_id uuid, p_variant uuid, p_version bigint, p_trace text, p_patch jsonb
) RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_product catalog.product;
    v_old catalog.variant;
    v_new catalog.variant;
BEGIN
    v_product := catalog.product_for_change_v1(p_id, p_account, false, p_version);
    SELECT * INTO v_old FROM catalog.variant v
    WHERE v.id = p_variant AND v.product_id = p_id AND v.deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    END IF;
    v_new := v_old;
    v_new.sku := coalesce(p_patch->>'sku', v_old.sku);
    v_new.attributes := coalesce(nullif(p_patch->'attributes', 'null'), v_old.attributes);
    v_new.price := coalesce((p_patch->>'price')::bigint, v_old.price);
    v_new.weight_g := coalesce((p_patch->>'weight_g')::int, v_old.weight_g);
    v_new.barcode := coalesce(p_patch->>'barcode', v_old.barcode);
    v_new.enabled := coalesce((p_patch->>'enabled')::boolean, v_old.enabled);
    IF v_new IS DISTINCT FROM v_old THEN
        BEGIN
            UPDATE catalog.variant v
            SET sku = v_new.sku, attributes = v_new.attributes, price = v_new.price,
                weight_g = v_new.weight_g, barcode = v_new.barcode, enabled = v_new.enabled
            WHERE v.id = p_variant;
        EXCEPTION WHEN unique_violation THEN
            PERFORM shared.refuse('variant_exists');
        END;
    END IF;
    IF v_new.price <> v_old.price THEN
        INSERT INTO catalog.price_history (variant_id, price, actor_id, changed_at)
        VALUES (p_variant, v_new.price, p_account, shared.now());
        PERFORM catalog.product_changed_v1(p_id, 'product.price_changed', jsonb_build_object(
            'variants', jsonb_build_array(jsonb_build_object(
                'variant_id', p_variant,
                'old', shared.money(v_old.price, v_product.currency::text),
                'new', shared.money(v_new.price, v_product.currency::text)))), p_trace);
        v_old.price := v_new.price;
    END IF;
    IF v_new IS DISTINCT FROM v_old THEN
        PERFORM catalog.product_updated_v1(p_id, p_trace);
    END IF;
    RETURN QUERY SELECT p.version, p.body FROM catalog.product_page_v1(p_id, p_account, false) p;
END $$;
