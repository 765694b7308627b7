-- The whole tree as one JSON array: parents before their children, siblings by position.
CREATE OR REPLACE FUNCTION catalog.categories_v1() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH RECURSIVE tree AS (
            SELECT c AS category, c.id, ARRAY[lpad(c.position::text, 10, '0') || c.slug] AS place
            FROM catalog.category c WHERE c.parent_id IS NULL
            UNION ALL
            SELECT c, c.id, t.place || (lpad(c.position::text, 10, '0') || c.slug)
            FROM tree t JOIN catalog.category c ON c.parent_id = t.id
        )
        SELECT coalesce(json_agg(catalog.category_json_v1(t.category) ORDER BY t.place COLLATE "C"), '[]')::text
        FROM tree t);
END $$;
