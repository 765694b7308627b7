-- Lets a checkout wait for its payment until `p_expires_at`: from now on it has a row that its buyer
-- sees. `p_plan` as in `place_v1`.
CREATE OR REPLACE FUNCTION "order".await_payment_v1(
    p_note jsonb, p_buyer uuid, p_checkout uuid, p_provider text, p_from_wallet bigint, p_pay_url text,
    p_begun_at timestamp, p_expires_at timestamp, p_delivery jsonb, p_plan jsonb
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT "order".workflow_note(p_note) THEN
        RETURN false;
    END IF;
    INSERT INTO "order".checkout
        (id, buyer_id, provider, status, currency, rate_snapshot_id, list_total, discount, shipping, total,
         from_wallet, promotions, plan, pay_url, delivery, begun_at, expires_at)
    VALUES (p_checkout, p_buyer, p_provider, 'awaiting_payment', p_plan->>'currency',
            (p_plan->>'rate_snapshot_id')::uuid, (p_plan->>'list_total')::bigint,
            coalesce((p_plan->>'discount')::bigint, 0), coalesce((p_plan->>'shipping')::bigint, 0), (p_plan->>'total')::bigint, p_from_wallet,
            "order".promotions_json_v1(p_plan), p_plan, p_pay_url, p_delivery, p_begun_at, p_expires_at);
    RETURN true;
END $$;
