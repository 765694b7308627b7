-- One notification for one account; the same event notifies it only once.
CREATE OR REPLACE FUNCTION notification.notify_v1(
    p_event jsonb, p_account uuid, p_role text, p_data jsonb
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification.notification (id, account_id, event_id, kind, data, created_at)
    VALUES (shared.uuid_v7(), p_account, (p_event->>'id')::uuid, p_event->>'kind',
            p_data || jsonb_build_object('role', p_role), shared.now())
    ON CONFLICT (account_id, event_id) DO NOTHING;
END $$;
