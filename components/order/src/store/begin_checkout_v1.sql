-- Begins a checkout: claims the key and starts the workflow, which the caller holds for 12 seconds.
-- `p_input` is the workflow's input without what is only known here: `begun_at`, and of a checkout of
-- the cart (`"cart": true`) the `lines` that are selected at this moment. Answers one of:
-- `checkout_id`, `begun_at` and, of the cart, `lines` to go on with; these and `run`, a run that
-- somebody began and left, to be gone on with; or `status` and `body`, when there is nothing to run.
CREATE OR REPLACE FUNCTION "order".begin_checkout_v1(
    p_buyer uuid, p_key text, p_hash text, p_reference uuid, p_trace text, p_input jsonb
) RETURNS TABLE (status integer, body text, checkout_id uuid, begun_at text, lines text, run text)
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamp := shared.now();
    v_key "order".idempotency;
    v_begun text := shared.rfc3339(v_now);
    v_lines jsonb;
    v_status text;
    v_fence bigint;
    v_lease timestamp;
    v_input jsonb;
    v_run text;
BEGIN
    INSERT INTO "order".idempotency (account_id, key, request_hash, reference, lease_until, created_at)
    VALUES (p_buyer, p_key, p_hash, p_reference, shared.real_now(), v_now)
    ON CONFLICT (account_id, key) DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO v_key FROM "order".idempotency i
        WHERE i.account_id = p_buyer AND i.key = p_key FOR UPDATE;
        IF NOT FOUND THEN
            -- Given up by its holder between the two statements.
            PERFORM shared.refuse('idempotency_in_progress');
        ELSIF v_key.request_hash <> p_hash THEN
            PERFORM shared.refuse('idempotency_key_reused');
        END IF;
        SELECT w.status, w.fence, w.lease_until, w.input INTO v_status, v_fence, v_lease, v_input
        FROM "order".workflow w WHERE w.id = v_key.reference;
        IF v_key.reference = p_reference AND v_status = 'running' AND v_fence = 1 THEN
            -- Every request brings a reference of its own: who finds it here is this same statement,
            -- repeated because the connection was lost.
            RETURN QUERY SELECT NULL::integer, NULL::text, p_reference, v_input->>'begun_at',
                                (v_input->'lines')::text, NULL::text;
            RETURN;
        ELSIF v_status IN ('running', 'undoing') THEN
            IF v_lease > shared.real_now() THEN
                PERFORM shared.refuse('idempotency_in_progress');
            END IF;
            v_run := "order".workflow_take(v_key.reference, 12000);
            IF v_run IS NOT NULL THEN
                RETURN QUERY SELECT NULL::integer, NULL::text, v_key.reference, v_input->>'begun_at',
                                    NULL::text, v_run;
                RETURN;
            END IF;
        END IF;
        -- It waits, is over, or is tried again by and by: what the checkout is now.
        IF v_status NOT IN ('failed', 'cancelled')
           OR EXISTS (SELECT 1 FROM "order".checkout c WHERE c.id = v_key.reference) THEN
            RETURN QUERY SELECT a.status, a.body, v_key.reference, NULL::text, NULL::text, NULL::text
            FROM "order".checkout_answer_v1(p_buyer, v_key.reference) a;
            RETURN;
        END IF;
        -- It was refused, and the key with it: begin anew.
        UPDATE "order".idempotency i SET reference = p_reference, created_at = v_now
        WHERE i.account_id = p_buyer AND i.key = p_key;
    END IF;

    IF (p_input->>'cart')::boolean THEN
        SELECT jsonb_agg(jsonb_build_object(
                   'variant_id', l.variant_id,
                   'quantity', l.quantity,
                   'unit_price', l.unit_price)
               ORDER BY l.added_at, l.variant_id)
        INTO v_lines
        FROM "order".cart c JOIN "order".cart_line l ON l.cart_id = c.id
        WHERE c.account_id = p_buyer AND l.selected;
        IF v_lines IS NULL THEN
            -- Which undoes the claim too.
            PERFORM shared.refuse('cart_empty');
        END IF;
        p_input := p_input || jsonb_build_object('lines', v_lines);
    END IF;
    PERFORM "order".workflow_start(p_reference, 'checkout', 1, p_buyer,
        p_input || jsonb_build_object('begun_at', v_begun), p_trace, 12000);
    RETURN QUERY SELECT NULL::integer, NULL::text, p_reference, v_begun, v_lines::text, NULL::text;
END $$;
