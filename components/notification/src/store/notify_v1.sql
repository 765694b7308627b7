-- One notification for one account, unless it does not want to know or is no more; the same event notifies it
-- only once.
CREATE OR REPLACE FUNCTION notification.notify_v1(
    p_event jsonb, p_account uuid, p_role text, p_data jsonb
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT notification.is_wanted_v1(p_account, p_event->>'kind', 'in_app')
       OR EXISTS (SELECT FROM notification.person p WHERE p.id = p_account AND p.erased) THEN
        RETURN;
    END IF;
    INSERT INTO notification.notification (id, account_id, event_id, kind, data, created_at)
    VALUES (shared.uuid_v7(), p_account, (p_event->>'id')::uuid, p_event->>'kind',
            p_data || jsonb_build_object('role', p_role), shared.now())
    ON CONFLICT (account_id, event_id) DO NOTHING;
END $$;
