-- A product's first listing: remembered for follows that arrive late, and told to all followers.
-- Other changes of status interest nobody here.
CREATE OR REPLACE FUNCTION notification.on_listing_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
    v_listing notification.listing;
    v_told jsonb;
    v_now timestamp := shared.now();
BEGIN
    IF v_data->>'to_status' IS DISTINCT FROM 'active'
       OR (v_data->>'first_listing')::boolean IS NOT TRUE THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(notification.listing_lock_v1());

    INSERT INTO notification.listing (product_id, event_id, seller_id, data, listed_at)
    VALUES ((v_data->>'product_id')::uuid, (p_event->>'id')::uuid, (v_data->>'seller_id')::uuid,
            jsonb_build_object('product_name', v_data->>'name'),
            (p_event->>'time')::timestamptz AT TIME ZONE 'utc')
    ON CONFLICT (product_id) DO NOTHING
    RETURNING * INTO v_listing;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    v_told := notification.listing_data_v1(v_listing);
    INSERT INTO notification.notification (id, account_id, event_id, kind, data, created_at)
    SELECT shared.uuid_v7(), f.follower_id, v_listing.event_id, 'product.listed', v_told, v_now
    FROM notification.follow f
    WHERE f.seller_id = v_listing.seller_id AND f.active
      AND NOT EXISTS (SELECT FROM notification.preference x
                      WHERE x.account_id = f.follower_id AND 'follows:in_app' = ANY (x.switched_off))
    ORDER BY f.follower_id
    ON CONFLICT (account_id, event_id) DO NOTHING;
END $$;
