-- Adds a variant, whose id is p_reference, to the caller's product.
CREATE OR REPLACE FUNCTION catalog.add_variant_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_id uuid, p_version bigint, p_variant jsonb
) RETURNS TABLE (status integer, body text, replayed boolean, version_now bigint, product uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_constraint text;
BEGIN
    v_stored := catalog.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT * FROM catalog.replayed_v1(v_stored);
        RETURN;
    END IF;
    -- The first try of this very request may have added it, and its answer been lost.
    IF NOT EXISTS (SELECT 1 FROM catalog.variant v WHERE v.id = p_reference AND v.product_id = p_id) THEN
        PERFORM catalog.product_for_change_v1(p_id, p_account, false, p_version);
        IF (SELECT count(*) FROM catalog.variant v WHERE v.product_id = p_id AND v.deleted_at IS NULL) >= 100 THEN
            PERFORM shared.refuse('too_many_variants');
        END IF;
        BEGIN
            INSERT INTO catalog.variant (id, product_id, sku, attributes, price, weight_g, barcode, position)
            SELECT p_reference, p_id, p_variant->>'sku', p_variant->'attributes', (p_variant->>'price')::bigint,
                   (p_variant->>'weight_g')::int, p_variant->>'barcode',
                   (SELECT coalesce(max(v.position), 0) + 1 FROM catalog.variant v WHERE v.product_id = p_id);
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            IF v_constraint = 'variant_combination' THEN
                PERFORM shared.refuse('variant_exists');
            END IF;
            RAISE;
        END;
        INSERT INTO catalog.price_history (variant_id, price, actor_id, changed_at)
        VALUES (p_reference, (p_variant->>'price')::bigint, p_account, shared.now());
        PERFORM catalog.product_updated_v1(p_id, p_trace);
    END IF;
    RETURN QUERY SELECT * FROM catalog.answered_v1(p_account, p_key, 201, p_id, false);
END $$;
