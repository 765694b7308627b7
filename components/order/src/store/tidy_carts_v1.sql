-- Housekeeping of carts: those that nobody touched for 30 days go. Of an account's cart that has lines
-- and that nobody touched for 24 hours an event tells once for each version. At most 200 of each; what
-- somebody holds is left for the next time.
CREATE OR REPLACE FUNCTION "order".tidy_carts_v1() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_rows bigint;
    v_total bigint := 0;
    c record;
BEGIN
    DELETE FROM "order".cart WHERE id = ANY (ARRAY(
        SELECT x.id FROM "order".cart x
        WHERE x.changed_at <= v_now - interval '30 days' ORDER BY x.changed_at LIMIT 200
        FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_total := v_total + v_rows;

    -- An empty cart is marked as well: it needs not be looked at again.
    FOR c IN
        UPDATE "order".cart x SET reminded_version = x.version
        WHERE x.id = ANY (ARRAY(
            SELECT y.id FROM "order".cart y
            WHERE y.account_id IS NOT NULL AND y.reminded_version IS DISTINCT FROM y.version
              AND y.changed_at <= v_now - interval '24 hours'
            ORDER BY y.changed_at LIMIT 200
            FOR UPDATE SKIP LOCKED))
        RETURNING x.id, x.account_id, x.version,
            (SELECT count(*) FROM "order".cart_line l WHERE l.cart_id = x.id) AS line_count,
            (SELECT sum(l.quantity) FROM "order".cart_line l WHERE l.cart_id = x.id) AS units
    LOOP
        IF c.line_count > 0 THEN
            PERFORM "order".publish('cart.abandoned', c.id, c.version, jsonb_build_object(
                'cart_id', c.id, 'account_id', c.account_id,
                'line_count', c.line_count, 'units', c.units));
        END IF;
        v_total := v_total + 1;
    END LOOP;
    RETURN v_total;
END $$;
