-- Cancels orders that their sellers left unanswered, at most 200 at once, and does what every
-- module has to do. The stock comes back by the event.
CREATE OR REPLACE FUNCTION "order".tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_row "order"."order";
    v_total bigint := 0;
BEGIN
    -- An order that is just being confirmed is left alone, and looked at the next time.
    FOR v_row IN
        SELECT * FROM "order"."order" o
        WHERE o.status = 'awaiting_confirmation' AND o.confirm_by <= shared.now()
        ORDER BY o.confirm_by LIMIT 200
        FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM "order".change_v1(v_row, 'system', 'expire', NULL, 'not confirmed in time', NULL);
        v_total := v_total + 1;
    END LOOP;
    RETURN v_total + "order".tidy_common(500);
END $$;
