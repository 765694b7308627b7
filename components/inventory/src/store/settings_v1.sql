-- What a seller has set for a variant; version 0 when nothing.
CREATE OR REPLACE FUNCTION inventory.settings_v1(p_seller uuid, p_variant uuid)
RETURNS TABLE (version_now bigint, body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_row inventory.item;
BEGIN
    SELECT * INTO v_row FROM inventory.item i WHERE i.variant_id = p_variant AND i.seller_id = p_seller;
    IF NOT FOUND THEN
        v_row := (p_variant, p_seller, false, NULL, 0, NULL);
    END IF;
    RETURN QUERY SELECT v_row.version, inventory.settings_json_v1(v_row)::text;
END $$;
