-- An order that is paid in cash: what is to come. All others have their escrow since their session settled.
CREATE OR REPLACE FUNCTION payment.expect_cash_v1(p_data jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_order uuid := (p_data->>'order_id')::uuid;
    v_shipping bigint := coalesce((p_data->>'shipping')::bigint, 0);
BEGIN
    IF coalesce(p_data->>'provider', 'cod') <> 'cod' THEN
        IF NOT EXISTS (SELECT 1 FROM payment.escrow e WHERE e.order_id = v_order) THEN
            RAISE invalid_parameter_value USING
                MESSAGE = 'order ' || v_order || ' says that it is paid, and there is no money of it';
        END IF;
        RETURN;
    END IF;
    INSERT INTO payment.escrow
        (order_id, session_id, buyer_id, seller_id, currency, goods, shipping, subsidy, commission,
         cashback_by_platform, cashback_by_seller, provider, state, updated_at)
    VALUES (
        v_order, (p_data->>'checkout_id')::uuid, (p_data->>'buyer_id')::uuid, (p_data->>'seller_id')::uuid,
        p_data->'total'->>'currency', (p_data->'total'->>'amount')::bigint - v_shipping, v_shipping,
        coalesce((p_data->>'subsidy')::bigint, 0),
        payment.commission_v1((
            SELECT jsonb_agg(jsonb_build_object(
                       'amount', coalesce(l.paid, (l.unit_price->>'amount')::bigint * l.quantity),
                       'category_path', coalesce(l.category_path, '')))
            FROM jsonb_to_recordset(p_data->'lines')
                 AS l(paid bigint, unit_price jsonb, quantity bigint, category_path text))),
        coalesce((p_data->>'cashback_by_platform')::bigint, 0),
        coalesce((p_data->>'cashback_by_seller')::bigint, 0),
        'cod', 'expected', v_now)
    ON CONFLICT (order_id) DO NOTHING;
END $$;
