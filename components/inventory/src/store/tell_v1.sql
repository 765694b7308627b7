-- Publishes what became of the variants in `p_before`, `[{"variant_id", "seller_id", "before"}]`, with
-- what buyers could get of each before: `inventory.stock_changed` where that is another number now
-- (not `p_every`: only where it was or became 0), and `inventory.low` where it fell to the seller's
-- threshold or below. The caller holds the seller's stock of all of them, and calls this last.
CREATE OR REPLACE FUNCTION inventory.tell_v1(p_before jsonb, p_every boolean, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_changed jsonb;
    t record;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
               'variant_id', x.variant_id, 'seller_id', x.seller_id,
               'changed', x.changed, 'threshold', x.threshold))
    INTO v_changed
    FROM (
        SELECT b.variant_id, b.seller_id,
               a.available <> b.before AND (p_every OR 0 IN (a.available, b.before)) AS changed,
               CASE WHEN b.before > a.low_threshold AND a.available <= a.low_threshold
                    THEN a.low_threshold END AS threshold
        FROM jsonb_to_recordset(p_before) AS b(variant_id uuid, seller_id uuid, before bigint)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.active), 0) AS available,
                   max(s.low_threshold) AS low_threshold
            FROM inventory.stock s
            WHERE s.variant_id = b.variant_id AND s.seller_id = b.seller_id) a
    ) x
    WHERE x.changed OR x.threshold IS NOT NULL;
    IF v_changed IS NULL THEN
        RETURN;
    END IF;

    -- Anybody may keep stock under any variant's id, so the rows of a subject are not all locked:
    -- whoever tells of it waits here and looks again, and the sum of the versions grows from one to
    -- the next. The locks are shared by many variants: Postgres has room for a few thousand only.
    PERFORM pg_advisory_xact_lock(hashtext('inventory.stock_changed'), k.key)
    FROM (SELECT DISTINCT hashtext(x.variant_id::text) & 511 AS key
          FROM jsonb_to_recordset(v_changed) AS x(variant_id uuid) ORDER BY 1) k;
    FOR t IN
        SELECT x.*, v.sequence,
               -- Events count in 32 bits.
               least(coalesce(v.available, 0), 4294967295) AS available
        FROM jsonb_to_recordset(v_changed)
             AS x(variant_id uuid, seller_id uuid, changed boolean, threshold integer)
        CROSS JOIN LATERAL (
            SELECT sum(s.version)::bigint AS sequence,
                   sum(s.on_hand - s.reserved) FILTER (WHERE s.active AND s.seller_id = x.seller_id) AS available
            FROM inventory.stock s WHERE s.variant_id = x.variant_id) v
        ORDER BY x.variant_id, x.seller_id
    LOOP
        IF t.changed THEN
            PERFORM inventory.publish('inventory.stock_changed', t.variant_id, t.sequence,
                jsonb_build_object('variant_id', t.variant_id, 'seller_id', t.seller_id,
                                   'available', t.available), p_trace);
        END IF;
        IF t.threshold IS NOT NULL THEN
            PERFORM inventory.publish('inventory.low', t.variant_id, t.sequence,
                jsonb_build_object('variant_id', t.variant_id, 'seller_id', t.seller_id,
                                   'available', t.available, 'threshold', t.threshold), p_trace);
        END IF;
    END LOOP;
END $$;
