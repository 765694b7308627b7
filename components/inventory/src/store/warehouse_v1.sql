-- The warehouse of a seller that a request names in its field `p_pointer`, or else `main`, which is
-- made when there is none. The caller holds the seller's lock.
CREATE OR REPLACE FUNCTION inventory.warehouse_v1(p_seller uuid, p_warehouse uuid, p_pointer text)
RETURNS inventory.warehouse
LANGUAGE plpgsql AS $$
DECLARE
    v_row inventory.warehouse;
BEGIN
    IF p_warehouse IS NOT NULL THEN
        SELECT * INTO v_row FROM inventory.warehouse w WHERE w.id = p_warehouse AND w.seller_id = p_seller;
        IF NOT FOUND THEN
            PERFORM inventory.refuse_field_v1(
                p_pointer, 'unknown_warehouse', 'You have no warehouse with this id.');
        END IF;
        RETURN v_row;
    END IF;
    SELECT * INTO v_row FROM inventory.warehouse w WHERE w.seller_id = p_seller AND w.name = 'main';
    IF NOT FOUND THEN
        INSERT INTO inventory.warehouse (id, seller_id, name, created_at)
        VALUES (shared.uuid_v7(), p_seller, 'main', shared.now())
        ON CONFLICT (seller_id, name) DO NOTHING;
        SELECT * INTO STRICT v_row FROM inventory.warehouse w
        WHERE w.seller_id = p_seller AND w.name = 'main';
    END IF;
    RETURN v_row;
END $$;
