-- Nothing is missing of a session any more, whose row and escrows the caller holds: what is frozen thaws,
-- and what was to be paid out meanwhile is.
CREATE OR REPLACE FUNCTION payment.thaw_session_v1(p_session uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_due uuid[];
    v_order uuid;
BEGIN
    SELECT coalesce(array_agg(e.order_id ORDER BY e.order_id), '{}') INTO v_due FROM payment.escrow e
    WHERE e.session_id = p_session AND e.release_due;
    UPDATE payment.escrow e
    SET frozen_at = NULL, release_due = false, version = e.version + 1, updated_at = shared.now()
    WHERE e.session_id = p_session AND e.frozen_at IS NOT NULL;
    -- Each payout locks the accounts that it moves: together they have to be locked at once.
    PERFORM payment.hold_accounts_v1((
        SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'owner', x.owner, 'currency', e.currency))
        FROM payment.escrow e
        CROSS JOIN LATERAL (VALUES
            ('escrow', e.order_id), ('seller_debt', e.seller_id), ('wallet', e.seller_id),
            ('wallet', CASE WHEN e.cashback_by_platform + e.cashback_by_seller > 0 THEN e.buyer_id END)
        ) AS x(kind, owner)
        WHERE e.order_id = ANY (v_due) AND x.owner IS NOT NULL));
    FOREACH v_order IN ARRAY v_due LOOP
        PERFORM payment.release_v1(v_order, NULL);
    END LOOP;
END $$;
