-- Settles a session whose row the caller holds and of which nothing is outstanding: its funds go into
-- escrow, order by order, with what the platform adds, and `payment.settled` says so.
CREATE OR REPLACE FUNCTION payment.settle_v1(p_session uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    s payment.session;
    v_entries jsonb;
BEGIN
    UPDATE payment.session x
    SET state = 'settled', settled_at = v_now, closed_at = v_now, version = x.version + 1
    WHERE x.id = p_session AND x.state = 'open' AND x.settled = x.total
    RETURNING * INTO STRICT s;
    INSERT INTO payment.escrow
        (order_id, session_id, buyer_id, seller_id, currency, goods, shipping, subsidy, commission,
         cashback_by_platform, cashback_by_seller, provider, state, held_at, updated_at)
    SELECT p.order_id, s.id, s.payer_id, p.seller_id, s.currency, p.goods, p.shipping, p.subsidy, p.commission,
           p.cashback_by_platform, p.cashback_by_seller,
           coalesce((SELECT l.provider FROM payment.leg l
                     WHERE l.session_id = s.id AND l.method = 'provider' AND l.state = 'settled'), 'wallet'),
           'held', v_now, v_now
    FROM jsonb_to_recordset(s.parts) AS p(
        order_id uuid, seller_id uuid, goods bigint, shipping bigint, subsidy bigint, commission bigint,
        cashback_by_platform bigint, cashback_by_seller bigint)
    ORDER BY p.order_id;
    SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', s.currency,
                                        'amount', x.amount))
    INTO v_entries
    FROM payment.escrow e
    CROSS JOIN LATERAL (VALUES
        ('session_funds', s.id, -(e.goods + e.shipping)),
        ('promotion_expense', NULL, -(e.subsidy + e.cashback_by_platform)),
        ('escrow', e.order_id, e.goods + e.shipping + e.subsidy),
        ('cashback_liability', NULL, e.cashback_by_platform)) AS x(kind, owner, amount)
    WHERE e.session_id = s.id;
    PERFORM payment.post_v1('session:' || s.id || ':escrow', 'escrow', s.id, v_entries);
    PERFORM payment.publish('payment.settled', s.id, s.version, jsonb_build_object(
        'session_id', s.id, 'payer_id', s.payer_id, 'total', shared.money(s.total, s.currency)));
END $$;
