-- Tells what happened to an order whom it concerns. `role` is what the reader is in that order.
CREATE OR REPLACE FUNCTION notification.on_order_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := p_event->>'kind';
    v_data jsonb := p_event->'data';
    v_buyer uuid := (v_data->>'buyer_id')::uuid;
    v_seller uuid := (v_data->>'seller_id')::uuid;
    v_base jsonb := jsonb_build_object(
        'order_id', (v_data->>'order_id')::uuid,
        'buyer_id', v_buyer,
        'buyer_name', (SELECT name FROM notification.person WHERE id = v_buyer),
        'seller_id', v_seller,
        'seller_name', (SELECT name FROM notification.person WHERE id = v_seller));
BEGIN
    IF v_base->>'order_id' IS NULL THEN
        RAISE not_null_violation USING MESSAGE = 'order_id is missing';
    END IF;
    CASE v_kind
        WHEN 'order.placed' THEN
            PERFORM notification.notify_v1(p_event, v_seller, 'seller',
                v_base || jsonb_build_object('total', v_data->'total')
                       || notification.lines_summary_v1(v_data->'lines'));
        WHEN 'order.confirmed' THEN
            PERFORM notification.notify_v1(p_event, v_buyer, 'buyer', v_base);
        WHEN 'order.declined' THEN
            PERFORM notification.notify_v1(p_event, v_buyer, 'buyer',
                v_base || jsonb_build_object('reason', v_data->>'reason'));
        WHEN 'order.cancelled' THEN
            PERFORM notification.tell_other_side_v1(p_event, v_data->>'ended_by', v_buyer, v_seller,
                v_base || jsonb_build_object(
                    'ended_by', v_data->>'ended_by', 'reason', v_data->>'reason'));
        WHEN 'order.shipped' THEN
            PERFORM notification.notify_v1(p_event, v_buyer, 'buyer',
                v_base || jsonb_build_object(
                    'carrier', v_data->>'carrier', 'tracking_number', v_data->>'tracking_number'));
        WHEN 'order.delivered' THEN
            PERFORM notification.tell_other_side_v1(p_event, v_data->>'reported_by', v_buyer, v_seller,
                v_base || jsonb_build_object(
                    'reported_by', v_data->>'reported_by', 'complete_by', v_data->>'complete_by'));
        WHEN 'order.completed' THEN
            PERFORM notification.tell_other_side_v1(p_event, v_data->>'completed_by', v_buyer, v_seller,
                v_base || jsonb_build_object('completed_by', v_data->>'completed_by'));
    END CASE;
END $$;
