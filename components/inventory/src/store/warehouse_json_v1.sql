-- A warehouse as the API shows it.
CREATE OR REPLACE FUNCTION inventory.warehouse_json_v1(p_warehouse inventory.warehouse) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', p_warehouse.id,
        'name', p_warehouse.name,
        'priority', p_warehouse.priority,
        'active', p_warehouse.active,
        'version', p_warehouse.version,
        'created_at', shared.rfc3339(p_warehouse.created_at));
END $$;
