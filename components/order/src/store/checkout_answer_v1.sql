-- What a checkout is now, with the status that a request about it answers: 201 placed, 202 while
-- something is still to happen, 200 when it came to nothing. No row for anybody but its buyer. A
-- checkout has a row of its own once it waits for its payment; before that, and of one that was
-- refused, the workflow is all that there is.
CREATE OR REPLACE FUNCTION "order".checkout_answer_v1(p_buyer uuid, p_checkout uuid)
RETURNS TABLE (status integer, body text)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    v_status text;
    v_workflow record;
BEGIN
    SELECT c.status INTO v_status FROM "order".checkout c
    WHERE c.id = p_checkout AND c.buyer_id = p_buyer;
    IF FOUND THEN
        RETURN QUERY SELECT
            CASE v_status WHEN 'placed' THEN 201 WHEN 'awaiting_payment' THEN 202 ELSE 200 END,
            "order".checkout_json_v1(p_checkout)::text;
        RETURN;
    END IF;
    SELECT w.status, w.outcome, w.input INTO v_workflow FROM "order".workflow w
    WHERE w.id = p_checkout AND w.kind = 'checkout' AND w.subject = p_buyer;
    IF FOUND THEN
        RETURN QUERY SELECT
            CASE WHEN v_workflow.status IN ('failed', 'cancelled') THEN 200 ELSE 202 END,
            jsonb_build_object(
                'id', p_checkout,
                'status', CASE WHEN v_workflow.status IN ('failed', 'cancelled') THEN 'failed' ELSE 'running' END,
                'code', v_workflow.outcome->'refused'->>'code',
                'rate_snapshot_id', NULL, 'total', NULL, 'list_total', NULL, 'discount', NULL, 'shipping', NULL,
                'provider', v_workflow.input->>'provider',
                'payment', NULL, 'promotions', '[]'::jsonb, 'orders', '[]'::jsonb,
                'begun_at', v_workflow.input->>'begun_at', 'placed_at', NULL, 'reason', NULL)::text;
    END IF;
END $$;
