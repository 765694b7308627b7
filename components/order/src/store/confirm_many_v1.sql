-- Confirms several orders of a seller. What cannot be confirmed is left as it is, and said: an
-- outcome for each order, in the order asked for. Without a key the reference stands in, as in
-- `move_v1`.
CREATE OR REPLACE FUNCTION "order".confirm_many_v1(
    p_seller uuid, p_key text, p_hash text, p_reference uuid, p_trace text, p_orders uuid[]
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := "order".idempotency_begin(p_seller, v_key, p_hash, p_reference);
    -- By order: `{"outcome", "order_status"}`.
    v_outcomes jsonb := '{}';
    v_row "order"."order";
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    -- Locked by id, as everywhere where several orders are.
    FOR v_row IN
        SELECT * FROM "order"."order" o
        WHERE o.id = ANY (p_orders) AND o.seller_id = p_seller
        ORDER BY o.id
        FOR UPDATE
    LOOP
        IF EXISTS (SELECT 1 FROM "order".transitions_v1() t
                   WHERE t.side = 'seller' AND t.action = 'confirm' AND t.from_status = v_row.status) THEN
            v_row := "order".change_v1(v_row, 'seller', 'confirm', p_seller, NULL, NULL, p_trace);
            v_outcomes := v_outcomes || jsonb_build_object(v_row.id, jsonb_build_object(
                'outcome', 'confirmed', 'order_status', v_row.status));
        ELSE
            v_outcomes := v_outcomes || jsonb_build_object(v_row.id, jsonb_build_object(
                'outcome', 'wrong_state', 'order_status', v_row.status));
        END IF;
    END LOOP;

    SELECT jsonb_build_object('items', jsonb_agg(
               jsonb_build_object('order_id', w.id) || coalesce(
                   v_outcomes->(w.id::text),
                   jsonb_build_object('outcome', 'not_found', 'order_status', NULL))
               ORDER BY w.place))::text
    INTO v_body
    FROM unnest(p_orders) WITH ORDINALITY AS w(id, place);
    PERFORM "order".idempotency_end(p_seller, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
