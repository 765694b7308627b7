-- A page of letters in a state, or in any, newest first, after the one of id `p_after`.
CREATE OR REPLACE FUNCTION notification.messages_page_v1(p_state text, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_before uuid := coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_ids uuid[];
BEGIN
    -- A query for each index.
    IF p_state IS NULL THEN
        v_ids := ARRAY(SELECT m.id FROM notification.message m WHERE m.id < v_before
                       ORDER BY m.id DESC LIMIT p_limit + 1);
    ELSE
        v_ids := ARRAY(SELECT m.id FROM notification.message m WHERE m.state = p_state AND m.id < v_before
                       ORDER BY m.id DESC LIMIT p_limit + 1);
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(notification.message_json_v1(m) ORDER BY x.n), '[]')::text
         FROM unnest(v_ids[:p_limit]) WITH ORDINALITY AS x(id, n)
         JOIN notification.message m ON m.id = x.id),
        CASE WHEN cardinality(v_ids) > p_limit THEN v_ids[p_limit] END;
END $$;
