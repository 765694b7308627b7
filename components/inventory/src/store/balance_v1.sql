-- What a seller has of a variant, in total and by warehouse; NULL when it never had any.
CREATE OR REPLACE FUNCTION inventory.balance_v1(p_seller uuid, p_variant uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'variant_id', p_variant,
            'on_hand', sum(s.on_hand),
            'reserved', sum(s.reserved),
            'available', coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.active), 0),
            'warehouses', jsonb_agg(jsonb_build_object(
                'warehouse_id', w.id,
                'name', w.name,
                'active', s.active,
                'on_hand', s.on_hand,
                'reserved', s.reserved,
                'available', CASE WHEN s.active THEN s.on_hand - s.reserved ELSE 0 END,
                'updated_at', shared.rfc3339(s.updated_at)) ORDER BY w.priority, w.id))
        FROM inventory.stock s JOIN inventory.warehouse w ON w.id = s.warehouse_id
        WHERE s.seller_id = p_seller AND s.variant_id = p_variant
        HAVING count(*) > 0);
END $$;
