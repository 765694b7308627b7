-- What `catalog` does with others' events: it keeps the names of sellers, what is in stock, how much
-- was sold, and whose goods are not to be seen.
CREATE OR REPLACE FUNCTION catalog.on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    CASE p_event->>'kind'
        WHEN 'account.registered', 'account.profile_updated' THEN
            PERFORM catalog.seller_named_v1(
                (p_event->'data'->>'account_id')::uuid, p_event->'data'->>'name',
                (p_event->>'sequence')::bigint);
        WHEN 'account.erased' THEN
            PERFORM catalog.seller_erased_v1(
                (p_event->'data'->>'account_id')::uuid, (p_event->>'sequence')::bigint,
                p_event->>'traceparent');
        WHEN 'account.suspended', 'account.reinstated' THEN
            PERFORM catalog.seller_suspended_v1(
                (p_event->'data'->>'account_id')::uuid, p_event->>'kind' = 'account.suspended',
                (p_event->>'sequence')::bigint, p_event->>'traceparent');
        WHEN 'inventory.stock_changed' THEN
            PERFORM catalog.stock_changed_v1(
                (p_event->'data'->>'variant_id')::uuid, (p_event->'data'->>'seller_id')::uuid,
                (p_event->'data'->>'available')::bigint, (p_event->>'sequence')::bigint);
        WHEN 'order.completed' THEN
            PERFORM catalog.order_completed_v1(p_event->'data'->'lines');
        ELSE
            RAISE EXCEPTION 'catalog does not know %', p_event->>'kind' USING ERRCODE = 'feature_not_supported';
    END CASE;
END $$;
