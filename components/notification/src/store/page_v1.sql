-- A page of an account's notifications, newest first, and one more row if there is another page.
CREATE OR REPLACE FUNCTION notification.page_v1(
    p_account uuid, p_after uuid, p_limit integer, p_unread boolean
) RETURNS TABLE (id uuid, kind text, data jsonb, created_at text, read_at text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    -- A bound that is always there keeps the condition one that the index can seek by.
    v_before uuid := coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
BEGIN
    -- Two statements, because only a condition that is written out finds the partial index.
    IF p_unread THEN
        RETURN QUERY
        SELECT n.id, n.kind, n.data, shared.rfc3339(n.created_at), shared.rfc3339(n.read_at)
        FROM notification.notification n
        WHERE n.account_id = p_account AND n.id < v_before AND n.read_at IS NULL
        ORDER BY n.id DESC LIMIT p_limit + 1;
    ELSE
        RETURN QUERY
        SELECT n.id, n.kind, n.data, shared.rfc3339(n.created_at), shared.rfc3339(n.read_at)
        FROM notification.notification n
        WHERE n.account_id = p_account AND n.id < v_before
        ORDER BY n.id DESC LIMIT p_limit + 1;
    END IF;
END $$;
