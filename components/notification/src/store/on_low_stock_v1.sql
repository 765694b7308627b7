-- Tells a seller that a shelf runs low.
CREATE OR REPLACE FUNCTION notification.on_low_stock_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
    v_variant uuid := (v_data->>'variant_id')::uuid;
BEGIN
    IF v_variant IS NULL THEN
        RAISE not_null_violation USING MESSAGE = 'variant_id is missing';
    END IF;
    PERFORM notification.notify_v1(p_event, (v_data->>'seller_id')::uuid, 'seller',
        jsonb_build_object(
            'variant_id', v_variant,
            'available', (v_data->>'available')::bigint,
            'threshold', (v_data->>'threshold')::bigint));
END $$;
