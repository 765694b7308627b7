-- Undoes a settled session before any of its orders exists: what is left of its escrows and of what the
-- platform added is taken apart, and the money goes back by its legs. Escrows that were refunded before are
-- passed over. May be repeated. A session that is not settled is cancelled. Refuses with `wrong_state`
-- (`escrow_status`) when one of its orders was paid out.
CREATE OR REPLACE FUNCTION payment.refund_all_v1(p_session uuid, p_reason text) RETURNS void
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_reference text := 'session:' || p_session || ':refund';
    v_refund uuid := shared.uuid_v7();
    v_paid_out boolean;
    v_entries jsonb;
    v_amount bigint;
    s payment.session;
BEGIN
    IF NOT (payment.cancel_session_v1(p_session, false, p_reason)->>'closed')::boolean THEN
        SELECT * INTO STRICT s FROM payment.session x WHERE x.id = p_session FOR UPDATE;
    END IF;
    IF s.id IS NULL OR s.reason IS NOT NULL THEN
        -- Cancelled; or refunded before, which left its reason.
        RETURN;
    END IF;
    WITH held AS MATERIALIZED (
        SELECT e.state FROM payment.escrow e WHERE e.session_id = s.id ORDER BY e.order_id FOR UPDATE
    )
    SELECT bool_or(h.state = 'released') INTO v_paid_out FROM held h;
    IF v_paid_out THEN
        PERFORM shared.refuse('wrong_state', '{"escrow_status": "released"}');
    END IF;
    SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', s.currency,
                                        'amount', x.amount)),
           coalesce(sum(x.amount) FILTER (WHERE x.kind = 'session_funds'), 0)
    INTO v_entries, v_amount
    FROM payment.escrow e
    CROSS JOIN LATERAL payment.escrow_left_v1(e) k
    CROSS JOIN LATERAL (VALUES
        ('session_funds', s.id, k.paid),
        ('promotion_expense', NULL, k.subsidy + k.cashback_by_platform),
        ('escrow', e.order_id, -(k.paid + k.subsidy)),
        ('cashback_liability', NULL, -k.cashback_by_platform)) AS x(kind, owner, amount)
    WHERE e.session_id = s.id AND e.state = 'held';
    PERFORM payment.post_v1(v_reference, 'refund', s.id, v_entries);
    UPDATE payment.escrow e
    SET state = 'refunded', refunded = e.goods + e.shipping, frozen_at = NULL, release_due = false,
        version = e.version + 1, updated_at = v_now
    WHERE e.session_id = s.id AND e.state = 'held';
    UPDATE payment.session x SET reason = left(coalesce(p_reason, 'undone'), 500), version = x.version + 1
    WHERE x.id = s.id;
    IF v_amount > 0 THEN
        INSERT INTO payment.refund
            (id, reference, session_id, payer_id, currency, amount, destination, reason, state, requested_at)
        VALUES (v_refund, v_reference, s.id, s.payer_id, s.currency, v_amount, 'original',
                left(coalesce(p_reason, 'undone'), 500), 'pending', v_now);
        PERFORM payment.refund_by_legs_v1(v_refund, NULL);
    END IF;
END $$;
