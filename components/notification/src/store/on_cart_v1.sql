-- Reminds an account of the cart that it left.
CREATE OR REPLACE FUNCTION notification.on_cart_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
BEGIN
    PERFORM notification.notify_v1(p_event, (v_data->>'account_id')::uuid, 'buyer',
        jsonb_build_object(
            'cart_id', (v_data->>'cart_id')::uuid,
            'line_count', (v_data->>'line_count')::bigint,
            'units', (v_data->>'units')::bigint));
END $$;
