-- Refuses serial numbers that a seller's variant does not have: 422 that points at each of them.
CREATE OR REPLACE FUNCTION inventory.check_serials_v1(
    p_seller uuid, p_variant uuid, p_serials text[], p_pointer text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_errors jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
               'pointer', p_pointer || '/' || e.n - 1, 'code', 'unknown_serial',
               'detail', 'This variant has no piece with this serial number.') ORDER BY e.n)
    INTO v_errors
    FROM unnest(p_serials) WITH ORDINALITY AS e(serial, n)
    WHERE NOT EXISTS (SELECT 1 FROM inventory.serial p
                      WHERE p.variant_id = p_variant AND p.seller_id = p_seller AND p.serial = e.serial);
    IF v_errors IS NOT NULL THEN
        PERFORM shared.refuse('validation_failed', jsonb_build_object('errors', v_errors));
    END IF;
END $$;
