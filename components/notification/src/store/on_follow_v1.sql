-- Keeps who follows whom. Events of different modules are not ordered among each other, so a
-- follow may arrive after a listing that it preceded: the follower hears of that listing here.
CREATE OR REPLACE FUNCTION notification.on_follow_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_follower uuid := (p_event->'data'->>'follower_id')::uuid;
    v_seller uuid := (p_event->'data'->>'seller_id')::uuid;
    v_active boolean := p_event->>'kind' = 'account.followed';
    v_time timestamp := (p_event->>'time')::timestamptz AT TIME ZONE 'utc';
BEGIN
    -- A follow and a listing that commit at the same time would not see each other, and nobody
    -- would be notified. Follows share the lock, a listing holds it alone.
    PERFORM pg_advisory_xact_lock_shared(notification.listing_lock_v1());

    IF EXISTS (SELECT FROM notification.person p WHERE p.id IN (v_follower, v_seller) AND p.erased) THEN
        RETURN;
    END IF;
    INSERT INTO notification.follow (follower_id, seller_id, active, sequence)
    VALUES (v_follower, v_seller, v_active, (p_event->>'sequence')::bigint)
    ON CONFLICT (seller_id, follower_id)
    DO UPDATE SET active = EXCLUDED.active, sequence = EXCLUDED.sequence
    WHERE follow.sequence < EXCLUDED.sequence;

    IF FOUND AND v_active AND notification.is_wanted_v1(v_follower, 'product.listed', 'in_app') THEN
        INSERT INTO notification.notification (id, account_id, event_id, kind, data, created_at)
        SELECT shared.uuid_v7(), v_follower, l.event_id, 'product.listed',
               notification.listing_data_v1(l), shared.now()
        FROM notification.listing l
        WHERE l.seller_id = v_seller AND l.listed_at >= v_time
        ORDER BY l.listed_at
        ON CONFLICT (account_id, event_id) DO NOTHING;
    END IF;
END $$;
