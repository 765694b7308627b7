-- Marks many notifications read: those named, or, with p_ids NULL, all up to p_up_to (all there
-- are when that is NULL too). Ids that are not the account's own are passed over.
CREATE OR REPLACE FUNCTION notification.mark_many_read_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_ids text[], p_up_to uuid
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_marked bigint;
    v_body text;
    v_now timestamp := shared.now();
BEGIN
    v_stored := notification.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    -- Locked in id order first, so that two of these cannot deadlock; rows that another one has
    -- marked meanwhile drop out.
    IF p_ids IS NOT NULL THEN
        WITH mine AS (
            SELECT n.id FROM notification.notification n
            WHERE n.id = ANY (p_ids::uuid[]) AND n.account_id = p_account AND n.read_at IS NULL
            ORDER BY n.id FOR UPDATE
        )
        UPDATE notification.notification n SET read_at = v_now FROM mine WHERE n.id = mine.id;
    ELSE
        WITH mine AS (
            SELECT n.id FROM notification.notification n
            WHERE n.account_id = p_account AND n.read_at IS NULL
              AND n.id <= coalesce(p_up_to, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            ORDER BY n.id FOR UPDATE
        )
        UPDATE notification.notification n SET read_at = v_now FROM mine WHERE n.id = mine.id;
    END IF;
    GET DIAGNOSTICS v_marked = ROW_COUNT;
    v_body := jsonb_build_object('marked', v_marked)::text;
    PERFORM notification.idempotency_end(p_account, p_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
