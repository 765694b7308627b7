-- Refuses a name that another of the seller's warehouses has, and one warehouse more than fifty; a place
-- is kept for `main`, which imports make when it is missing. p_id NULL: a new one. The caller holds
-- the seller's lock alone.
CREATE OR REPLACE FUNCTION inventory.check_warehouse_v1(p_seller uuid, p_id uuid, p_name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM inventory.warehouse w
               WHERE w.seller_id = p_seller AND w.name = p_name AND w.id IS DISTINCT FROM p_id) THEN
        PERFORM shared.refuse('warehouse_name_taken', jsonb_build_object('name', p_name));
    ELSIF p_name <> 'main' AND 49 <= (
        SELECT count(*) FROM inventory.warehouse w
        WHERE w.seller_id = p_seller AND w.name <> 'main' AND w.id IS DISTINCT FROM p_id) THEN
        PERFORM shared.refuse('warehouse_limit');
    END IF;
END $$;
