-- Marks one notification read. One that is read already stays as it is; true when this changed it.
CREATE OR REPLACE FUNCTION notification.mark_read_v1(p_account uuid, p_id uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE notification.notification SET read_at = shared.now()
    WHERE id = p_id AND account_id = p_account AND read_at IS NULL;
    IF FOUND THEN
        RETURN true;
    END IF;
    IF NOT EXISTS (SELECT FROM notification.notification WHERE id = p_id AND account_id = p_account) THEN
        PERFORM shared.refuse('not_found');
    END IF;
    RETURN false;
END $$;
