-- How many notifications an account has not read.
CREATE OR REPLACE FUNCTION notification.unread_count_v1(p_account uuid) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM notification.notification
            WHERE account_id = p_account AND read_at IS NULL);
END $$;
