-- Reserves the lines of all groups, `[{"order_id", "seller_id", "lines": [{"variant_id",
-- "quantity"}]}]`, or none. Answers `{"ok": true}`, `{"short": [{"variant_id", "wanted",
-- "available"}]}`, or `{"ended": order}` for an order that was released, expired or restocked
-- before. The checkout is the reference: the same one again answers the same.
CREATE OR REPLACE FUNCTION inventory.reserve_v1(p_checkout uuid, p_groups jsonb, p_ttl_s integer)
RETURNS text
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_new uuid[];
    v_ended uuid;
    v_foreign boolean;
    v_taken jsonb;
BEGIN
    -- The rows of the orders come first, as in every function here: a second call with the same
    -- checkout, or a release that overtakes this one, waits on them and not in the middle.
    WITH claimed AS (
        INSERT INTO inventory.reservation AS r
            (order_id, checkout_id, seller_id, state, expires_at, created_at, changed_at)
        SELECT g.order_id, p_checkout, g.seller_id, 'reserved',
               v_now + make_interval(secs => p_ttl_s), v_now, v_now
        FROM jsonb_to_recordset(p_groups) AS g(order_id uuid, seller_id uuid)
        ORDER BY g.order_id
        ON CONFLICT (order_id) DO NOTHING
        RETURNING r.order_id
    )
    SELECT coalesce(array_agg(c.order_id), '{}') INTO v_new FROM claimed c;

    IF cardinality(v_new) < jsonb_array_length(p_groups) THEN
        SELECT (array_agg(r.order_id ORDER BY r.order_id)
                   FILTER (WHERE r.state NOT IN ('reserved', 'committed')))[1],
               coalesce(bool_or(r.checkout_id IS DISTINCT FROM p_checkout), true)
        INTO v_ended, v_foreign
        FROM inventory.reservation r
        JOIN jsonb_to_recordset(p_groups) AS g(order_id uuid) ON g.order_id = r.order_id
        WHERE NOT r.order_id = ANY (v_new);
        IF v_ended IS NULL AND NOT v_foreign AND cardinality(v_new) = 0 THEN
            RETURN '{"ok": true}';
        END IF;
        DELETE FROM inventory.reservation r WHERE r.order_id = ANY (v_new);
        IF v_ended IS NOT NULL THEN
            RETURN jsonb_build_object('ended', v_ended)::text;
        END IF;
        RAISE invalid_parameter_value USING MESSAGE =
            'these orders were not reserved together, or not by checkout ' || p_checkout;
    END IF;

    v_taken := inventory.take_v1(p_groups);
    IF v_taken ? 'short' THEN
        DELETE FROM inventory.reservation r WHERE r.order_id = ANY (v_new);
    END IF;
    RETURN v_taken::text;
END $$;
