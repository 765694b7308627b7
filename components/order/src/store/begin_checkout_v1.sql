-- Claims the key of a checkout. Either the checkout's id to go on with, which a key taken over
-- from a try that died keeps, or the status and body of the answer given before.
CREATE OR REPLACE FUNCTION "order".begin_checkout_v1(
    p_buyer uuid, p_key text, p_hash text, p_reference uuid
) RETURNS TABLE (status integer, body text, checkout_id uuid)
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_claim jsonb;
BEGIN
    -- Every request brings a reference of its own: who finds it here is this same statement,
    -- repeated because the connection was lost.
    IF EXISTS (SELECT 1 FROM "order".idempotency i
               WHERE i.account_id = p_buyer AND i.key = p_key AND i.reference = p_reference
                 AND i.status IS NULL) THEN
        RETURN QUERY SELECT NULL::integer, NULL::text, p_reference;
        RETURN;
    END IF;
    v_claim := "order".idempotency_claim(p_buyer, p_key, p_hash, p_reference);
    RETURN QUERY SELECT (v_claim->>'status')::integer, v_claim->>'answer', (v_claim->>'reference')::uuid;
END $$;
