-- Moves an order, whose row the caller holds, as `transitions_v1` allows: the row, its history and
-- its event. Refuses with `wrong_state` what the table does not know.
CREATE OR REPLACE FUNCTION "order".change_v1(
    p_order "order"."order", p_side text, p_action text, p_actor uuid, p_reason text, p_trace text
) RETURNS "order"."order"
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_to text;
    v_kind text;
    v_new "order"."order";
    v_data jsonb;
BEGIN
    SELECT t.to_status, t.kind INTO v_to, v_kind FROM "order".transitions_v1() t
    WHERE t.side = p_side AND t.action = p_action AND t.from_status = p_order.status;
    UPDATE "order"."order" o
    SET status = v_to, version = o.version + 1, updated_at = v_now,
        ended_by = CASE WHEN v_to = 'cancelled' THEN p_side END,
        reason = CASE WHEN v_to = 'cancelled' THEN p_reason END
    WHERE o.id = p_order.id AND o.status = p_order.status AND v_to IS NOT NULL
    RETURNING o.* INTO v_new;
    IF v_new.id IS NULL THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('order_status', p_order.status));
    END IF;
    INSERT INTO "order".history (order_id, version, from_status, to_status, actor_id, reason, at)
    VALUES (v_new.id, v_new.version, p_order.status, v_to, p_actor, p_reason, v_now);

    v_data := jsonb_build_object(
        'order_id', v_new.id, 'buyer_id', v_new.buyer_id, 'seller_id', v_new.seller_id);
    IF v_kind = 'order.declined' THEN
        v_data := v_data || jsonb_build_object('reason', p_reason);
    ELSIF v_kind = 'order.cancelled' THEN
        v_data := v_data || jsonb_build_object('ended_by', p_side, 'reason', p_reason);
    END IF;
    PERFORM "order".publish(v_kind, v_new.id, v_new.version, v_data, p_trace);
    RETURN v_new;
END $$;
