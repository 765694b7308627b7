-- Makes a category below p_parent, or at the root. The parent's row is held, so that the path is
-- the one it has when this commits.
CREATE OR REPLACE FUNCTION catalog.create_category_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_parent uuid, p_slug text, p_name text, p_position integer
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_parent_path text;
    v_category catalog.category;
    v_body text;
BEGIN
    v_stored := catalog.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::int, v_stored->>'answer', true;
        RETURN;
    END IF;
    IF p_parent IS NOT NULL THEN
        SELECT c.path INTO v_parent_path FROM catalog.category c WHERE c.id = p_parent FOR SHARE;
        IF NOT FOUND THEN
            PERFORM catalog.refuse_field_v1('/parent_id', 'unknown_category', 'There is no category with this id.');
        ELSIF array_length(string_to_array(v_parent_path, '/'), 1) >= 8 THEN
            PERFORM catalog.refuse_field_v1('/parent_id', 'too_deep', 'Categories nest eight deep at most.');
        END IF;
    END IF;
    BEGIN
        INSERT INTO catalog.category AS c (id, parent_id, slug, name, path, position)
        VALUES (p_reference, p_parent, p_slug, p_name, concat_ws('/', v_parent_path, p_slug), p_position)
        ON CONFLICT (id) DO NOTHING;
    EXCEPTION WHEN unique_violation THEN
        PERFORM shared.refuse('slug_taken', jsonb_build_object('slug', p_slug));
    END;
    -- Also when the first try of this very request made it and its answer was lost.
    SELECT * INTO STRICT v_category FROM catalog.category c WHERE c.id = p_reference;
    v_body := catalog.category_json_v1(v_category)::text;
    PERFORM catalog.idempotency_end(p_account, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
