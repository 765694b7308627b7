-- Cancels orders that their sellers left unanswered, and completes those whose buyers said nothing
-- after the delivery: at most `p_limit` of each. An order that somebody is just moving is left
-- alone, and looked at the next time. The stock of the cancelled ones comes back by the event.
CREATE OR REPLACE FUNCTION "order".tidy_orders_v1(p_limit integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_row "order"."order";
    v_total bigint := 0;
BEGIN
    FOR v_row IN
        SELECT * FROM "order"."order" o
        WHERE o.status = 'awaiting_confirmation' AND o.confirm_by <= v_now
        ORDER BY o.confirm_by LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM "order".change_v1(
            v_row, 'system', 'expire', NULL, 'not confirmed in time', NULL, NULL);
        v_total := v_total + 1;
    END LOOP;
    FOR v_row IN
        SELECT * FROM "order"."order" o
        WHERE o.status = 'delivered' AND o.complete_by <= v_now
        ORDER BY o.complete_by LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM "order".change_v1(v_row, 'system', 'complete', NULL, NULL, NULL, NULL);
        v_total := v_total + 1;
    END LOOP;
    RETURN v_total;
END $$;
