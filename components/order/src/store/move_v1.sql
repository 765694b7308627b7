-- What a buyer or a seller does with an order. Answers the order as it is then. Without a key the
-- reference stands in, so that a statement repeated after a lost connection answers what the first
-- one did, and not that the order is in the wrong state.
CREATE OR REPLACE FUNCTION "order".move_v1(
    p_actor uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_side text, p_order uuid, p_action text, p_reason text, p_shipment jsonb
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := "order".idempotency_begin(p_actor, v_key, p_hash, p_reference);
    v_row "order"."order";
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT * INTO v_row FROM "order"."order" o
    WHERE o.id = p_order AND CASE p_side WHEN 'buyer' THEN o.buyer_id ELSE o.seller_id END = p_actor
    FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    END IF;
    v_row := "order".change_v1(v_row, p_side, p_action, p_actor, p_reason, p_shipment, p_trace);
    v_body := "order".order_json_v1(v_row, p_side)::text;
    PERFORM "order".idempotency_end(p_actor, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
