-- What a seller has set for a variant, as the API shows it.
CREATE OR REPLACE FUNCTION inventory.settings_json_v1(p_item inventory.item) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'variant_id', p_item.variant_id,
        'serial_tracked', p_item.serial_tracked,
        'low_stock_threshold', p_item.low_threshold,
        'version', p_item.version);
END $$;
