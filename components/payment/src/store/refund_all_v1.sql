-- Undoes a settled session before any of its orders exists: escrow and what the platform added are taken
-- apart, and the money goes back by its legs. May be repeated. A session that is not settled is cancelled.
-- Refuses with `wrong_state` (`escrow_status`) when money of one of its orders has moved.
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
    v_wrong text;
    v_entries jsonb;
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
        SELECT e.state, e.refunded FROM payment.escrow e WHERE e.session_id = s.id
        ORDER BY e.order_id FOR UPDATE
    )
    SELECT min(h.state) INTO v_wrong FROM held h WHERE h.state <> 'held' OR h.refunded > 0;
    IF v_wrong IS NOT NULL THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('escrow_status', v_wrong));
    END IF;
    SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', s.currency,
                                        'amount', x.amount))
    INTO v_entries
    FROM payment.escrow e
    CROSS JOIN LATERAL (VALUES
        ('session_funds', s.id, e.goods + e.shipping),
        ('promotion_expense', NULL, e.subsidy + e.cashback_by_platform),
        ('escrow', e.order_id, -(e.goods + e.shipping + e.subsidy)),
        ('cashback_liability', NULL, -e.cashback_by_platform)) AS x(kind, owner, amount)
    WHERE e.session_id = s.id;
    PERFORM payment.post_v1(v_reference, 'refund', s.id, v_entries);
    UPDATE payment.escrow e
    SET state = 'refunded', refunded = e.goods + e.shipping, version = e.version + 1, updated_at = v_now
    WHERE e.session_id = s.id;
    UPDATE payment.session x SET reason = left(coalesce(p_reason, 'undone'), 500), version = x.version + 1
    WHERE x.id = s.id;
    IF s.total > 0 THEN
        INSERT INTO payment.refund
            (id, reference, session_id, payer_id, currency, amount, destination, reason, state, requested_at)
        VALUES (v_refund, v_reference, s.id, s.payer_id, s.currency, s.total, 'original',
                left(coalesce(p_reason, 'undone'), 500), 'pending', v_now);
        PERFORM payment.refund_by_legs_v1(v_refund, NULL);
    END IF;
END $$;
