-- What `release_v1` and `restock_v1` have in common; `p_sold` says whether sold units come back
-- too. An expired reservation, whose units are back already, becomes a released one, so that an
-- event that arrives late does not take them again.
CREATE OR REPLACE FUNCTION inventory.undo_v1(p_orders uuid[], p_reason text, p_sold boolean) RETURNS text
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_orders uuid[] := ARRAY(SELECT DISTINCT o FROM unnest(p_orders) o ORDER BY o);
    v_reason text := left(p_reason, 500);
    v_tombstones uuid[];
    v_reserved uuid[];
    v_expired uuid[];
    v_committed uuid[];
    v_wrong text;
BEGIN
    WITH buried AS (
        INSERT INTO inventory.reservation AS r (order_id, state, reason, created_at, changed_at)
        SELECT o, 'released', v_reason, v_now, v_now FROM unnest(v_orders) o ORDER BY o
        ON CONFLICT (order_id) DO NOTHING
        RETURNING r.order_id
    )
    SELECT coalesce(array_agg(b.order_id), '{}') INTO v_tombstones FROM buried b;

    WITH held AS MATERIALIZED (
        SELECT r.order_id, r.state FROM inventory.reservation r
        WHERE r.order_id = ANY (v_orders) ORDER BY r.order_id FOR UPDATE
    )
    SELECT array_agg(h.order_id) FILTER (WHERE h.state = 'reserved'),
           array_agg(h.order_id) FILTER (WHERE h.state = 'expired'),
           array_agg(h.order_id) FILTER (WHERE h.state = 'committed'),
           min(h.state) FILTER (WHERE h.state IN ('committed', 'restocked'))
    INTO v_reserved, v_expired, v_committed, v_wrong
    FROM held h;
    IF NOT p_sold AND v_wrong IS NOT NULL THEN
        DELETE FROM inventory.reservation r WHERE r.order_id = ANY (v_tombstones);
        RETURN jsonb_build_object('wrong_state', v_wrong)::text;
    END IF;

    UPDATE inventory.reservation r
    SET state = CASE r.state WHEN 'committed' THEN 'restocked' ELSE 'released' END,
        reason = v_reason, changed_at = v_now
    WHERE r.order_id = ANY (coalesce(v_reserved, '{}') || coalesce(v_expired, '{}') || coalesce(v_committed, '{}'));
    -- Lines of both kinds may name the same stock rows: these are locked once, in order, before
    -- either moves.
    IF v_reserved IS NOT NULL AND v_committed IS NOT NULL THEN
        PERFORM inventory.lock_stock_v1(v_reserved || v_committed);
    END IF;
    IF v_reserved IS NOT NULL THEN
        PERFORM inventory.settle_v1(v_reserved, 'release', v_reason);
    END IF;
    IF v_committed IS NOT NULL THEN
        PERFORM inventory.settle_v1(v_committed, 'return', v_reason);
    END IF;
    RETURN '{"ok": true}';
END $$;
