-- Tells the side of an order that did not do it; both when it was the system.
CREATE OR REPLACE FUNCTION notification.tell_other_side_v1(
    p_event jsonb, p_by text, p_buyer uuid, p_seller uuid, p_data jsonb
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_by IS NULL OR p_by NOT IN ('buyer', 'seller', 'system') THEN
        RAISE data_exception USING MESSAGE = format('%s by %L', p_event->>'kind', p_by);
    END IF;
    IF p_by <> 'buyer' THEN
        PERFORM notification.notify_v1(p_event, p_buyer, 'buyer', p_data);
    END IF;
    IF p_by <> 'seller' THEN
        PERFORM notification.notify_v1(p_event, p_seller, 'seller', p_data);
    END IF;
END $$;
