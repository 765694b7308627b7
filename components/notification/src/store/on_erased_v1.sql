-- Forgets an account: what it was told, letters to it, whom it follows and who follows it. Its name stays
-- as that of somebody who is gone, so that nothing that comes late brings it back. What others were told
-- holds its name as it was then, until they are gone too.
CREATE OR REPLACE FUNCTION notification.on_erased_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account uuid := (p_event->'data'->>'account_id')::uuid;
BEGIN
    INSERT INTO notification.person AS p (id, name, sequence, erased)
    VALUES (v_account, 'Deleted account', (p_event->>'sequence')::bigint, true)
    ON CONFLICT (id) DO UPDATE
        SET name = EXCLUDED.name, sequence = greatest(p.sequence, EXCLUDED.sequence), erased = true;
    DELETE FROM notification.notification n WHERE n.account_id = v_account;
    -- With what the mailbox shows of them.
    DELETE FROM notification.message m WHERE m.account_id = v_account;
    DELETE FROM notification.follow f WHERE f.follower_id = v_account;
    DELETE FROM notification.follow f WHERE f.seller_id = v_account;
    DELETE FROM notification.listing l WHERE l.seller_id = v_account;
    DELETE FROM notification.preference x WHERE x.account_id = v_account;
END $$;
