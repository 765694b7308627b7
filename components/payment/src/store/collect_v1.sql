-- The seller has the cash of an order, whose escrow the caller holds: it is owed to the platform, and in
-- escrow with what the platform adds.
CREATE OR REPLACE FUNCTION payment.collect_v1(e payment.escrow) RETURNS payment.escrow
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_new payment.escrow;
BEGIN
    PERFORM payment.post_v1('order:' || e.order_id || ':collected', 'collection', e.order_id, (
        SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', e.currency,
                                            'amount', x.amount))
        FROM (VALUES
            ('cod_receivable', NULL, -(e.goods + e.shipping)),
            ('promotion_expense', NULL, -(e.subsidy + e.cashback_by_platform)),
            ('escrow', e.order_id, e.goods + e.shipping + e.subsidy),
            ('cashback_liability', NULL, e.cashback_by_platform)) AS x(kind, owner, amount)));
    UPDATE payment.escrow x SET state = 'held', held_at = v_now, version = x.version + 1, updated_at = v_now
    WHERE x.order_id = e.order_id AND x.state = 'expected'
    RETURNING x.* INTO STRICT v_new;
    RETURN v_new;
END $$;
