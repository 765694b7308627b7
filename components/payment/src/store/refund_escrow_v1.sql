-- Takes `p_amount` of what the buyer paid, and the rest in proportion, out of an escrow that is held or was
-- paid out, and gives it to the buyer. The caller holds the session and the escrow, and has looked that there
-- is so much. An escrow of which nothing is left is `refunded`, and not frozen any more.
--
-- Held: it comes out of the escrow. Paid out: the seller gives it back, from the wallet or as a debt, and
-- gets the commission back; the buyer's wallet gives the cashback back as far as it can, to the seller
-- first. Cash on delivery is in the seller's hands, so they owe it at once, and the buyer gets it into the
-- wallet.
--
-- Answers the refund, or NULL when the buyer had paid nothing.
CREATE OR REPLACE FUNCTION payment.refund_escrow_v1(
    e payment.escrow, p_reference text, p_amount bigint, p_destination text, p_reason text,
    p_actor uuid, p_trace text
) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_cod boolean := e.provider = 'cod';
    v_ends boolean := e.state = 'held' AND e.refunded + p_amount = e.goods + e.shipping;
    v_refund uuid := shared.uuid_v7();
    v_new payment.escrow;
    a record;
    b record;
    v_subsidy bigint;
    v_commission bigint := 0;
    v_cashback bigint := 0;
    -- Cashback that the buyer gives back, and how much of it to the seller.
    v_returned bigint := 0;
    v_returned_to_seller bigint := 0;
    -- What the seller has to pay.
    v_seller bigint := 0;
BEGIN
    SELECT * INTO a FROM payment.escrow_left_v1(e);
    UPDATE payment.escrow x
    SET refunded = x.refunded + p_amount, version = x.version + 1, updated_at = v_now,
        state = CASE WHEN v_ends THEN 'refunded' ELSE x.state END,
        frozen_at = CASE WHEN NOT v_ends THEN x.frozen_at END,
        release_due = x.release_due AND NOT v_ends
    WHERE x.order_id = e.order_id
    RETURNING x.* INTO STRICT v_new;
    SELECT * INTO b FROM payment.escrow_left_v1(v_new);
    v_subsidy := a.subsidy - b.subsidy;
    IF e.state = 'released' OR v_cod THEN
        PERFORM payment.hold_accounts_v1(jsonb_build_array(
            jsonb_build_object('kind', 'escrow', 'owner', e.order_id, 'currency', e.currency),
            jsonb_build_object('kind', 'seller_debt', 'owner', e.seller_id, 'currency', e.currency),
            jsonb_build_object('kind', 'wallet', 'owner', e.seller_id, 'currency', e.currency),
            jsonb_build_object('kind', 'wallet', 'owner', e.buyer_id, 'currency', e.currency)));
    END IF;
    IF e.state = 'held' THEN
        v_cashback := a.cashback_by_platform - b.cashback_by_platform;
        v_seller := CASE WHEN v_cod THEN p_amount ELSE 0 END;
    ELSE
        v_commission := a.commission - b.commission;
        v_returned := least(
            payment.balance_v1('wallet', e.buyer_id, e.currency),
            a.cashback_by_platform - b.cashback_by_platform + a.cashback_by_seller - b.cashback_by_seller);
        v_returned_to_seller := least(v_returned, a.cashback_by_seller - b.cashback_by_seller);
        v_seller := p_amount + v_subsidy - v_commission - v_returned_to_seller;
    END IF;
    PERFORM payment.post_v1(
        'refund:' || CASE p_amount WHEN 0 THEN p_reference ELSE v_refund::text END, 'refund', e.order_id, (
        SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', e.currency,
                                            'amount', x.amount))
        FROM (VALUES
            ('escrow', e.order_id, CASE e.state WHEN 'held' THEN -(p_amount + v_subsidy) ELSE 0 END),
            ('promotion_expense', NULL, v_subsidy + v_cashback + v_returned - v_returned_to_seller),
            ('wallet', e.buyer_id, -v_returned),
            ('cashback_liability', NULL, -v_cashback),
            ('platform_revenue', NULL, -v_commission),
            ('cod_receivable', NULL, CASE WHEN v_cod AND e.state = 'held' THEN p_amount ELSE 0 END),
            (CASE WHEN v_cod THEN 'wallet' ELSE 'session_funds' END,
             CASE WHEN v_cod THEN e.buyer_id ELSE e.session_id END, p_amount)) AS x(kind, owner, amount))
        || payment.seller_entries_v1(e.seller_id, e.currency, -v_seller), p_actor, left(p_reason, 500));
    IF p_amount = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO payment.refund
        (id, reference, session_id, order_id, payer_id, currency, amount, destination, reason, state,
         requested_by, requested_at)
    VALUES (v_refund, p_reference, e.session_id, e.order_id, e.buyer_id, e.currency, p_amount,
            CASE WHEN v_cod THEN 'wallet' ELSE p_destination END, left(p_reason, 500), 'pending',
            p_actor, v_now);
    IF v_cod THEN
        PERFORM payment.end_refund_v1(v_refund);
    ELSE
        PERFORM payment.refund_by_legs_v1(v_refund, p_trace);
    END IF;
    RETURN v_refund;
END $$;
