-- Changes a product at the version given. p_patch holds the fields to change; `max_per_order` may be
-- null in it, which lifts the maximum. What changes nothing makes no new version.
CREATE OR REPLACE FUNCTION catalog.change_product_v1(
    p_account uuid, p_id uuid, p_version bigint, p_trace text, p_patch jsonb
) RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_old catalog.product;
    v_new catalog.product;
BEGIN
    v_old := catalog.product_for_change_v1(p_id, p_account, false, p_version);
    v_new := v_old;
    v_new.name := coalesce(p_patch->>'name', v_old.name);
    v_new.description := coalesce(p_patch->>'description', v_old.description);
    v_new.category_id := coalesce((p_patch->>'category_id')::uuid, v_old.category_id);
    v_new.condition := coalesce(p_patch->>'condition', v_old.condition);
    v_new.specifications := coalesce(nullif(p_patch->'specifications', 'null'), v_old.specifications);
    v_new.min_per_order := coalesce((p_patch->>'min_per_order')::int, v_old.min_per_order);
    IF p_patch ? 'max_per_order' THEN
        v_new.max_per_order := (p_patch->>'max_per_order')::int;
    END IF;
    IF v_new.max_per_order < v_new.min_per_order THEN
        PERFORM catalog.refuse_field_v1('/max_per_order', 'out_of_range', 'The maximum is below the minimum.');
    END IF;
    IF v_new IS DISTINCT FROM v_old THEN
        IF v_new.category_id <> v_old.category_id THEN
            PERFORM catalog.hold_category_v1(v_new.category_id);
        END IF;
        UPDATE catalog.product p
        SET name = v_new.name, description = v_new.description, category_id = v_new.category_id,
            condition = v_new.condition, specifications = v_new.specifications,
            min_per_order = v_new.min_per_order, max_per_order = v_new.max_per_order
        WHERE p.id = p_id;
        PERFORM catalog.product_updated_v1(p_id, p_trace);
    END IF;
    RETURN QUERY SELECT p.version, p.body FROM catalog.product_page_v1(p_id, p_account, false) p;
END $$;
