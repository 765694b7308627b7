-- Removes what has outlived its retention: listings after a day, read notifications 90 days after
-- they were made, letters 30 days after they were sent or died, what the mailbox shows after a week, and
-- what every module has. What is secret in a letter goes when it expires. Returns how many rows.
CREATE OR REPLACE FUNCTION notification.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_real timestamp := shared.real_now();
    v_rows bigint;
    v_total bigint;
BEGIN
    -- Arrays, because a semi-join with a subquery is planned as a scan of the whole table.
    DELETE FROM notification.listing WHERE product_id = ANY (ARRAY(
        SELECT product_id FROM notification.listing
        WHERE listed_at < v_now - interval '1 day'
        ORDER BY listed_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_total = ROW_COUNT;

    DELETE FROM notification.notification WHERE id = ANY (ARRAY(
        SELECT id FROM notification.notification
        WHERE read_at IS NOT NULL AND created_at < v_now - interval '90 days'
        ORDER BY created_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;

    v_total := v_total + v_rows + notification.expire_messages_v1(500);

    DELETE FROM notification.mailbox WHERE seq = ANY (ARRAY(
        SELECT seq FROM notification.mailbox
        WHERE delivered_at < v_real - interval '7 days'
        ORDER BY delivered_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    DELETE FROM notification.message WHERE id = ANY (ARRAY(
        SELECT id FROM notification.message
        WHERE state <> 'queued' AND ended_at < v_real - interval '30 days'
        ORDER BY ended_at LIMIT 500 FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_total + v_rows + notification.tidy_common(500);
END $$;
