-- Forgets a checkout that was refused before anything was held for it, with its workflow and its key,
-- so that the client may repeat the request at once. False, and nothing changes, when the caller does
-- not hold the workflow any more, or when it has noted something.
CREATE OR REPLACE FUNCTION "order".abandon_checkout_v1(
    p_buyer uuid, p_key text, p_checkout uuid, p_fence bigint
) RETURNS boolean
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
BEGIN
    -- The key first and then the workflow, as begin_checkout_v1 does: neither waits for the other.
    PERFORM 1 FROM "order".idempotency i WHERE i.account_id = p_buyer AND i.key = p_key FOR UPDATE;
    DELETE FROM "order".workflow w
    WHERE w.id = p_checkout AND w.status = 'running' AND w.fence = p_fence
      AND NOT EXISTS (SELECT 1 FROM "order".journal j WHERE j.workflow_id = w.id);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM "order".idempotency_abandon(p_buyer, p_key, p_checkout);
    RETURN true;
END $$;
