-- Makes serial numbers for units that were sold before their variant was tracked and come back now.
-- The caller holds the stock and counts the units.
CREATE OR REPLACE FUNCTION inventory.number_pieces_v1(
    p_seller uuid, p_variant uuid, p_warehouse uuid, p_quantity integer
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_prefix text := replace(shared.uuid_v7()::text, '-', '');
BEGIN
    INSERT INTO inventory.serial (variant_id, seller_id, serial, warehouse_id, state, changed_at)
    SELECT p_variant, p_seller, inventory.serial_v1(v_prefix, n), p_warehouse, 'available', shared.now()
    FROM generate_series(1, p_quantity) n;
END $$;
