-- An order's escrow for its buyer, its seller, or staff. What the platform and the seller have of it is
-- not the buyer's affair. NULL: there is none for them.
CREATE OR REPLACE FUNCTION payment.escrow_v1(p_caller uuid, p_staff boolean, p_order uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT (jsonb_build_object(
                'order_id', e.order_id, 'session_id', e.session_id, 'buyer_id', e.buyer_id,
                'seller_id', e.seller_id, 'currency', e.currency, 'provider', e.provider, 'state', e.state,
                'goods', e.goods, 'shipping', e.shipping, 'refunded', e.refunded,
                'held_at', shared.rfc3339(e.held_at), 'released_at', shared.rfc3339(e.released_at),
                'version', e.version)
            || CASE WHEN p_staff OR e.seller_id = p_caller THEN jsonb_build_object(
                'subsidy', e.subsidy, 'commission', e.commission,
                'cashback_by_seller', e.cashback_by_seller, 'payout', k.payout,
                'frozen_at', shared.rfc3339(e.frozen_at), 'release_due', e.release_due)
               ELSE '{"subsidy": null, "commission": null, "cashback_by_seller": null, "payout": null,
                      "frozen_at": null, "release_due": null}' END)::text
        FROM payment.escrow e CROSS JOIN LATERAL payment.escrow_left_v1(e) k
        WHERE e.order_id = p_order AND (p_staff OR p_caller IN (e.buyer_id, e.seller_id)));
END $$;
