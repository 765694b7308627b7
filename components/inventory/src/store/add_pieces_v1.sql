-- Puts pieces with the serial numbers in `p_serials` on the shelf. The caller counts the units.
CREATE OR REPLACE FUNCTION inventory.add_pieces_v1(
    p_seller uuid, p_variant uuid, p_warehouse uuid, p_serials jsonb
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_added text[];
BEGIN
    WITH added AS (
        INSERT INTO inventory.serial AS p (variant_id, seller_id, serial, warehouse_id, state, changed_at)
        SELECT p_variant, p_seller, e.serial, p_warehouse, 'available', shared.now()
        FROM jsonb_array_elements_text(p_serials) AS e(serial)
        ORDER BY e.serial
        ON CONFLICT (variant_id, seller_id, serial) DO NOTHING
        RETURNING p.serial
    )
    SELECT coalesce(array_agg(a.serial), '{}') INTO v_added FROM added a;
    IF cardinality(v_added) < jsonb_array_length(p_serials) THEN
        PERFORM shared.refuse('serial_taken', jsonb_build_object(
            'variant_id', p_variant,
            'serials', (SELECT jsonb_agg(x.serial) FROM (
                            SELECT e.serial FROM jsonb_array_elements_text(p_serials) AS e(serial)
                            EXCEPT SELECT unnest(v_added) ORDER BY 1 LIMIT 100) x)));
    END IF;
END $$;
