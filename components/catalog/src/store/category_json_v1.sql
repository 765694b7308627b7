-- A category as the API shows it.
CREATE OR REPLACE FUNCTION catalog.category_json_v1(p_category catalog.category) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'id', p_category.id, 'parent_id', p_category.parent_id, 'slug', p_category.slug,
        'name', p_category.name, 'path', p_category.path, 'position', p_category.position,
        'version', p_category.version);
END $$;
