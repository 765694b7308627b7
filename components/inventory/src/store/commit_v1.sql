-- Turns the reserved units of orders into sold ones, all or none. `{"ok": true}`, also where that
-- was done before; `{"unknown": order}`; `{"wrong_state": state}` of an order that has ended.
CREATE OR REPLACE FUNCTION inventory.commit_v1(p_orders uuid[]) RETURNS text
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_orders uuid[] := ARRAY(SELECT DISTINCT o FROM unnest(p_orders) o ORDER BY o);
    v_known uuid[];
    v_open uuid[];
    v_wrong text;
BEGIN
    WITH held AS MATERIALIZED (
        SELECT r.order_id, r.state FROM inventory.reservation r
        WHERE r.order_id = ANY (v_orders) ORDER BY r.order_id FOR UPDATE
    )
    SELECT array_agg(h.order_id),
           array_agg(h.order_id) FILTER (WHERE h.state = 'reserved'),
           min(h.state) FILTER (WHERE h.state NOT IN ('reserved', 'committed'))
    INTO v_known, v_open, v_wrong
    FROM held h;
    IF v_wrong IS NOT NULL THEN
        RETURN jsonb_build_object('wrong_state', v_wrong)::text;
    ELSIF coalesce(cardinality(v_known), 0) < cardinality(v_orders) THEN
        RETURN jsonb_build_object('unknown', (SELECT min(o::text) FROM unnest(v_orders) o
                                              WHERE NOT o = ANY (coalesce(v_known, '{}'))))::text;
    ELSIF v_open IS NOT NULL THEN
        UPDATE inventory.reservation r SET state = 'committed', changed_at = shared.now()
        WHERE r.order_id = ANY (v_open);
        PERFORM inventory.settle_v1(v_open, 'commit', NULL);
    END IF;
    RETURN '{"ok": true}';
END $$;
