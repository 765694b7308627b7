-- Makes sure that a category exists and keeps its name until the caller commits: a page may not
-- show a name that was changed before the page's version was made.
CREATE OR REPLACE FUNCTION catalog.hold_category_v1(p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM catalog.category c WHERE c.id = p_id FOR SHARE;
    IF NOT FOUND THEN
        PERFORM catalog.refuse_field_v1('/category_id', 'unknown_category', 'There is no category with this id.');
    END IF;
END $$;
