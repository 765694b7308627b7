-- Places a checkout and ends its workflow: the orders, their lines, history and events, all at once.
-- What was bought of the buyer's cart leaves it. `p_plan` is `domain::plan::Plan`; what it leaves out
-- is zero. A checkout that was placed before answers the same. Answers the checkout.
CREATE OR REPLACE FUNCTION "order".place_v1(
    p_note jsonb, p_buyer uuid, p_checkout uuid, p_trace text, p_provider text, p_from_wallet bigint,
    p_from_cart boolean, p_begun_at timestamp, p_delivery jsonb, p_plan jsonb
) RETURNS text
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_currency text := p_plan->>'currency';
    v_rates uuid := (p_plan->>'rate_snapshot_id')::uuid;
    v_orders jsonb := p_plan->'orders';
    v_promotions jsonb := "order".promotions_json_v1(p_plan);
    v_version bigint;
    o record;
BEGIN
    IF EXISTS (SELECT 1 FROM "order".checkout c WHERE c.id = p_checkout AND c.status = 'placed') THEN
        -- This same statement, repeated because the connection was lost.
        RETURN "order".checkout_json_v1(p_checkout)::text;
    END IF;
    -- Raises when somebody else has the workflow, and then nothing of what follows has happened.
    PERFORM "order".workflow_end(p_note, 'completed', NULL);

    INSERT INTO "order".checkout AS c
        (id, buyer_id, provider, currency, rate_snapshot_id, list_total, discount, shipping, total, from_wallet,
         promotions, delivery, begun_at, placed_at)
    VALUES (p_checkout, p_buyer, p_provider, v_currency, v_rates, (p_plan->>'list_total')::bigint,
            coalesce((p_plan->>'discount')::bigint, 0), coalesce((p_plan->>'shipping')::bigint, 0),
            (p_plan->>'total')::bigint, p_from_wallet, v_promotions, p_delivery, p_begun_at, v_now)
    -- It waited for its payment.
    ON CONFLICT (id) DO UPDATE
    SET status = 'placed', version = c.version + 1, placed_at = v_now, plan = NULL, pay_url = NULL,
        from_wallet = EXCLUDED.from_wallet
    WHERE c.status = 'awaiting_payment'
    RETURNING c.version INTO v_version;
    IF v_version IS NULL THEN
        RAISE EXCEPTION 'checkout % has ended otherwise', p_checkout;
    END IF;

    INSERT INTO "order"."order"
        (id, checkout_id, buyer_id, seller_id, status, provider, currency, rate_snapshot_id, list_total, discount,
         shipping, subsidy, total, delivery, placed_at, confirm_by, updated_at, search_text)
    SELECT x.id, p_checkout, p_buyer, x.seller_id, 'awaiting_confirmation', p_provider, v_currency,
           v_rates, x.list_total, coalesce(x.discount, 0), coalesce(x.shipping, 0), coalesce(x.subsidy, 0),
           x.total, p_delivery, v_now, v_now + interval '48 hours', v_now, "order".search_text_v1(x.lines)
    FROM jsonb_to_recordset(v_orders) AS x(
        id uuid, seller_id uuid, list_total bigint, discount bigint, shipping bigint, subsidy bigint,
        total bigint, lines jsonb);
    INSERT INTO "order".line
        (order_id, position, variant_id, product_id, product_version, name, sku, attributes, category_path,
         unit_price, list_price, list_currency, exchange_rate, quantity, discount, shares)
    SELECT x.id, l.n, (l.line->>'variant_id')::uuid, (l.line->>'product_id')::uuid,
           (l.line->>'product_version')::bigint, l.line->>'name', l.line->>'sku',
           l.line->'attributes', l.line->>'category_path', (l.line->>'unit_price')::bigint,
           (l.line->'list_price'->>'amount')::bigint, l.line->'list_price'->>'currency',
           (l.line->'list_price'->>'rate')::numeric,
           (l.line->>'quantity')::integer, coalesce((l.line->>'discount')::bigint, 0),
           coalesce(l.line->'shares', '[]')
    FROM jsonb_to_recordset(v_orders) AS x(id uuid, lines jsonb)
    CROSS JOIN LATERAL jsonb_array_elements(x.lines) WITH ORDINALITY AS l(line, n);
    INSERT INTO "order".history (order_id, version, to_status, actor_id, at)
    SELECT x.id, 1, 'awaiting_confirmation', p_buyer, v_now
    FROM jsonb_to_recordset(v_orders) AS x(id uuid);

    FOR o IN
        SELECT * FROM jsonb_to_recordset(v_orders) AS x(
            id uuid, seller_id uuid, total bigint, shipping bigint, subsidy bigint,
            cashback_by_platform bigint, cashback_by_seller bigint, lines jsonb)
        ORDER BY x.id
    LOOP
        PERFORM "order".publish('order.placed', o.id, 1, jsonb_build_object(
            'order_id', o.id, 'checkout_id', p_checkout, 'buyer_id', p_buyer, 'seller_id', o.seller_id,
            'total', shared.money(o.total, v_currency),
            'provider', p_provider,
            'shipping', coalesce(o.shipping, 0),
            'subsidy', coalesce(o.subsidy, 0),
            'cashback_by_platform', coalesce(o.cashback_by_platform, 0),
            'cashback_by_seller', coalesce(o.cashback_by_seller, 0),
            'lines', (SELECT jsonb_agg(jsonb_build_object(
                          'variant_id', l.variant_id, 'product_id', l.product_id, 'name', l.name,
                          'quantity', l.quantity, 'unit_price', shared.money(l.unit_price, v_currency),
                          'paid', l.unit_price * l.quantity - coalesce(l.discount, 0),
                          'category_path', l.category_path))
                      FROM jsonb_to_recordset(o.lines) AS l(
                          variant_id uuid, product_id uuid, name text, quantity integer,
                          unit_price bigint, discount bigint, category_path text))),
            p_trace);
    END LOOP;

    IF p_from_cart THEN
        PERFORM "order".take_from_cart_v1(p_buyer, (
            SELECT jsonb_agg(l) FROM jsonb_to_recordset(v_orders) AS x(lines jsonb)
            CROSS JOIN LATERAL jsonb_array_elements(x.lines) AS l));
    END IF;
    RETURN "order".checkout_json_v1(p_checkout)::text;
END $$;
