-- Moves an order, whose row the caller holds, as `transitions_v1` allows: the row, its history and
-- its event. Refuses with `wrong_state` what the table does not know. `p_shipment` is
-- `{"carrier", "tracking_number"}`, each possibly null, of what is shipped.
CREATE OR REPLACE FUNCTION "order".change_v1(
    p_order "order"."order", p_side text, p_action text, p_actor uuid, p_reason text,
    p_shipment jsonb, p_trace text
) RETURNS "order"."order"
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_to text;
    v_kind text;
    v_new "order"."order";
BEGIN
    SELECT t.to_status, t.kind INTO v_to, v_kind FROM "order".transitions_v1() t
    WHERE t.side = p_side AND t.action = p_action AND t.from_status = p_order.status;
    UPDATE "order"."order" o
    SET status = v_to, version = o.version + 1, updated_at = v_now,
        ended_by = CASE WHEN v_to = 'cancelled' THEN p_side END,
        reason = CASE WHEN v_to = 'cancelled' THEN p_reason END,
        shipment = CASE WHEN v_to = 'shipped' THEN p_shipment ELSE o.shipment END,
        shipped_at = CASE WHEN v_to = 'shipped' THEN v_now ELSE o.shipped_at END,
        delivered_at = CASE WHEN v_to = 'delivered' THEN v_now ELSE o.delivered_at END,
        -- The protection window.
        complete_by = CASE WHEN v_to = 'delivered' THEN v_now + interval '7 days' ELSE o.complete_by END,
        completed_at = CASE WHEN v_to = 'completed' THEN v_now ELSE o.completed_at END
    WHERE o.id = p_order.id AND o.status = p_order.status AND v_to IS NOT NULL
    RETURNING o.* INTO v_new;
    IF v_new.id IS NULL THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('order_status', p_order.status));
    END IF;
    INSERT INTO "order".history (order_id, version, from_status, to_status, actor_id, reason, at)
    VALUES (v_new.id, v_new.version, p_order.status, v_to, p_actor, p_reason, v_now);
    PERFORM "order".publish(
        v_kind, v_new.id, v_new.version, "order".change_data_v1(v_new, v_kind, p_side, p_reason), p_trace);
    RETURN v_new;
END $$;
