-- A seller's warehouses, the one that is taken from first at the top.
CREATE OR REPLACE FUNCTION inventory.warehouses_v1(p_seller uuid) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(inventory.warehouse_json_v1(w) ORDER BY w.priority, w.id), '[]')::text
            FROM inventory.warehouse w WHERE w.seller_id = p_seller);
END $$;
