-- Pays an escrow out, once: the seller gets goods, shipping and subsidy less commission and the cashback
-- that they promised, the platform its commission, the buyer's wallet the cashback. Of cash on delivery the
-- seller has the money already, and what they hold is set off. `payout.released` says so. What is frozen
-- stays, and is due when it thaws. Whether it was paid out by this call.
CREATE OR REPLACE FUNCTION payment.release_v1(p_order uuid, p_trace text) RETURNS boolean
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    e payment.escrow;
    k record;
    v_cash bigint;
    v_cashback bigint;
BEGIN
    SELECT * INTO e FROM payment.escrow x WHERE x.order_id = p_order FOR UPDATE;
    IF NOT FOUND THEN
        RAISE invalid_parameter_value USING MESSAGE = 'there is no escrow of order ' || p_order;
    END IF;
    IF e.state = 'expected' THEN
        e := payment.collect_v1(e);
    END IF;
    IF e.state <> 'held' THEN
        RETURN false;
    ELSIF e.frozen_at IS NOT NULL THEN
        UPDATE payment.escrow x SET release_due = true, version = x.version + 1, updated_at = v_now
        WHERE x.order_id = e.order_id AND NOT x.release_due;
        RETURN false;
    END IF;
    SELECT * INTO k FROM payment.escrow_left_v1(e);
    v_cash := CASE e.provider WHEN 'cod' THEN k.paid ELSE 0 END;
    v_cashback := k.cashback_by_platform + k.cashback_by_seller;
    PERFORM payment.hold_accounts_v1(
        jsonb_build_array(
            jsonb_build_object('kind', 'escrow', 'owner', e.order_id, 'currency', e.currency),
            jsonb_build_object('kind', 'seller_debt', 'owner', e.seller_id, 'currency', e.currency),
            jsonb_build_object('kind', 'wallet', 'owner', e.seller_id, 'currency', e.currency))
        || CASE WHEN v_cashback > 0 THEN jsonb_build_array(
            jsonb_build_object('kind', 'wallet', 'owner', e.buyer_id, 'currency', e.currency)) ELSE '[]' END);
    PERFORM payment.post_v1('order:' || e.order_id || ':release', 'payout', e.order_id, (
        SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', e.currency,
                                            'amount', x.amount))
        FROM (VALUES
            ('escrow', e.order_id, -(k.paid + k.subsidy)),
            ('platform_revenue', NULL, k.commission),
            ('wallet', e.buyer_id, v_cashback),
            ('cashback_liability', NULL, -k.cashback_by_platform),
            ('cod_receivable', NULL, v_cash)) AS x(kind, owner, amount))
        || payment.seller_entries_v1(e.seller_id, e.currency, k.payout - v_cash));
    UPDATE payment.escrow x
    SET state = 'released', released_at = v_now, version = x.version + 1, updated_at = v_now
    WHERE x.order_id = e.order_id
    RETURNING x.version INTO e.version;
    PERFORM payment.publish('payout.released', e.order_id, e.version, jsonb_build_object(
        'order_id', e.order_id, 'seller_id', e.seller_id, 'amount', shared.money(k.payout, e.currency),
        'commission', shared.money(k.commission, e.currency)), p_trace);
    RETURN true;
END $$;
