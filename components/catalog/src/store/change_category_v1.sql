-- Changes a category at the version given; NULL leaves a field as it is. The name stands in the
-- pages of the category's products, so that a new one is a new version of each listed one; search
-- follows by housekeeping.
CREATE OR REPLACE FUNCTION catalog.change_category_v1(
    p_id uuid, p_version bigint, p_name text, p_position integer
) RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_old catalog.category;
    v_new catalog.category;
BEGIN
    SELECT * INTO v_old FROM catalog.category c WHERE c.id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_old.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    v_new := v_old;
    v_new.name := coalesce(p_name, v_old.name);
    v_new.position := coalesce(p_position, v_old.position);
    IF v_new IS DISTINCT FROM v_old THEN
        UPDATE catalog.category c
        SET name = v_new.name, position = v_new.position, version = c.version + 1
        WHERE c.id = p_id
        RETURNING c.* INTO v_new;
    END IF;
    IF v_new.name <> v_old.name THEN
        PERFORM catalog.renew_pages_v1(ARRAY(
            SELECT p.id FROM catalog.product p
            WHERE p.category_id = p_id AND p.status = 'active' AND p.deleted_at IS NULL
            ORDER BY p.id FOR NO KEY UPDATE));
        INSERT INTO catalog.search_stale (product_id)
        SELECT d.product_id FROM catalog.search_document d WHERE d.listed AND d.category_id = p_id
        ORDER BY d.product_id ON CONFLICT DO NOTHING;
    END IF;
    RETURN QUERY SELECT v_new.version, catalog.category_json_v1(v_new)::text;
END $$;
