-- Takes the lines of groups (see `reserve_v1`) from the sellers' shelves into reservations whose
-- rows the caller holds. Active warehouses are taken from by priority, a line split over several
-- where one is not enough. `{"ok": true}`, or `{"short": […]}` and nothing taken.
CREATE OR REPLACE FUNCTION inventory.take_v1(p_groups jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_variants uuid[];
    v_sellers uuid[];
    v_taken jsonb;
    v_short jsonb;
    v_told jsonb;
    t record;
BEGIN
    SELECT array_agg(DISTINCT l.variant_id), array_agg(DISTINCT g.seller_id)
    INTO v_variants, v_sellers
    FROM jsonb_to_recordset(p_groups) AS g(seller_id uuid, lines jsonb)
    CROSS JOIN LATERAL jsonb_to_recordset(g.lines) AS l(variant_id uuid);

    -- Locked in one statement and one order, all of a seller's warehouses at once, so that the
    -- sums below hold until the end. Units are counted off as intervals: the wanted ones by order,
    -- those on the shelves by warehouse; where the two overlap, that warehouse serves that order.
    WITH locked AS MATERIALIZED (
        SELECT s.variant_id, s.warehouse_id, s.seller_id,
               CASE WHEN s.active THEN s.on_hand - s.reserved ELSE 0 END::bigint AS available,
               s.low_threshold
        FROM inventory.stock s
        WHERE s.variant_id = ANY (v_variants) AND s.seller_id = ANY (v_sellers)
        ORDER BY s.variant_id, s.warehouse_id
        FOR UPDATE
    ), wanted AS (
        SELECT g.order_id, g.seller_id, l.variant_id, l.quantity,
               sum(l.quantity) OVER (PARTITION BY l.variant_id, g.seller_id ORDER BY g.order_id) AS upto
        FROM jsonb_to_recordset(p_groups) AS g(order_id uuid, seller_id uuid, lines jsonb)
        CROSS JOIN LATERAL jsonb_to_recordset(g.lines) AS l(variant_id uuid, quantity bigint)
    ), shelf AS (
        SELECT k.*, sum(k.available) OVER (
                   PARTITION BY k.variant_id, k.seller_id ORDER BY h.priority, k.warehouse_id) AS upto
        FROM locked k JOIN inventory.warehouse h ON h.id = k.warehouse_id
    ), taken AS (
        SELECT w.order_id, w.variant_id, s.warehouse_id,
               least(w.upto, s.upto) - greatest(w.upto - w.quantity, s.upto - s.available) AS quantity
        FROM wanted w JOIN shelf s ON s.variant_id = w.variant_id AND s.seller_id = w.seller_id
    ), total AS (
        SELECT w.variant_id, w.seller_id, w.wanted, k.available, k.low_threshold
        FROM (SELECT w.variant_id, w.seller_id, sum(w.quantity) AS wanted
              FROM wanted w GROUP BY w.variant_id, w.seller_id) w
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(k.available), 0) AS available, max(k.low_threshold) AS low_threshold
            FROM locked k WHERE k.variant_id = w.variant_id AND k.seller_id = w.seller_id) k
    )
    SELECT (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.variant_id, x.warehouse_id) FROM taken x WHERE x.quantity > 0),
           (SELECT jsonb_agg(jsonb_build_object('variant_id', x.variant_id, 'wanted', x.wanted,
                                                'available', x.available) ORDER BY x.variant_id)
            FROM total x WHERE x.wanted > x.available),
           (SELECT jsonb_agg(jsonb_build_object('variant_id', x.variant_id, 'seller_id', x.seller_id,
                                                'before', x.available))
            FROM total x
            WHERE x.wanted = x.available
               OR (x.available > x.low_threshold AND x.available - x.wanted <= x.low_threshold))
    INTO v_taken, v_short, v_told;

    IF v_short IS NOT NULL THEN
        RETURN jsonb_build_object('short', v_short);
    END IF;
    FOR t IN
        SELECT * FROM jsonb_to_recordset(v_taken)
            AS x(order_id uuid, variant_id uuid, warehouse_id uuid, quantity integer)
    LOOP
        UPDATE inventory.stock s
        SET reserved = s.reserved + t.quantity, version = s.version + 1, updated_at = v_now
        WHERE s.variant_id = t.variant_id AND s.warehouse_id = t.warehouse_id;
        INSERT INTO inventory.reservation_line (order_id, variant_id, warehouse_id, quantity)
        VALUES (t.order_id, t.variant_id, t.warehouse_id, t.quantity);
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, order_id, at)
        VALUES (t.variant_id, t.warehouse_id, 'reserve', 0, t.quantity, t.order_id, v_now);
    END LOOP;
    IF v_told IS NOT NULL THEN
        PERFORM inventory.tell_v1(v_told, false, NULL);
    END IF;
    RETURN '{"ok": true}';
END $$;
