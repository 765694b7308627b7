-- Places a checkout whose stock is reserved: the orders, their lines, history and events, and the
-- answer under the key, all at once. What was bought of the buyer's cart leaves it. `p_orders` is
-- `[{"id", "seller_id", "total", "lines": [{"variant_id", "product_id", "product_version", "name",
-- "sku", "attributes", "unit_price", "quantity"}]}]`. A checkout that was placed before answers the
-- same.
CREATE OR REPLACE FUNCTION "order".place_v1(
    p_buyer uuid, p_key text, p_checkout uuid, p_trace text,
    p_provider text, p_currency text, p_delivery jsonb, p_orders jsonb
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key "order".idempotency;
    v_held boolean;
    v_bought jsonb;
    v_body text;
    o record;
BEGIN
    SELECT * INTO v_key FROM "order".idempotency i
    WHERE i.account_id = p_buyer AND i.key = p_key AND i.reference = p_checkout
    FOR UPDATE;
    v_held := FOUND;
    IF v_key.status IS NOT NULL THEN
        RETURN QUERY SELECT v_key.status::integer, v_key.answer, true;
        RETURN;
    ELSIF EXISTS (SELECT 1 FROM "order".checkout c WHERE c.id = p_checkout AND c.buyer_id = p_buyer) THEN
        RETURN QUERY SELECT 201, "order".checkout_json_v1(p_checkout)::text, true;
        RETURN;
    ELSIF NOT v_held THEN
        -- Somebody took the key over and gave it up: this try is too late, and what it reserved
        -- may be gone.
        PERFORM shared.refuse('idempotency_in_progress');
    END IF;

    INSERT INTO "order".checkout (id, buyer_id, provider, currency, total, delivery, placed_at)
    SELECT p_checkout, p_buyer, p_provider, p_currency, sum(x.total), p_delivery, v_now
    FROM jsonb_to_recordset(p_orders) AS x(total bigint);
    INSERT INTO "order"."order"
        (id, checkout_id, buyer_id, seller_id, status, provider, currency, total, delivery,
         placed_at, confirm_by, updated_at, search_text)
    SELECT x.id, p_checkout, p_buyer, x.seller_id, 'awaiting_confirmation', p_provider, p_currency,
           x.total, p_delivery, v_now, v_now + interval '48 hours', v_now, "order".search_text_v1(x.lines)
    FROM jsonb_to_recordset(p_orders) AS x(id uuid, seller_id uuid, total bigint, lines jsonb);
    INSERT INTO "order".line
        (order_id, position, variant_id, product_id, product_version, name, sku, attributes,
         unit_price, quantity)
    SELECT x.id, l.n, (l.line->>'variant_id')::uuid, (l.line->>'product_id')::uuid,
           (l.line->>'product_version')::bigint, l.line->>'name', l.line->>'sku',
           l.line->'attributes', (l.line->>'unit_price')::bigint, (l.line->>'quantity')::integer
    FROM jsonb_to_recordset(p_orders) AS x(id uuid, lines jsonb)
    CROSS JOIN LATERAL jsonb_array_elements(x.lines) WITH ORDINALITY AS l(line, n);
    INSERT INTO "order".history (order_id, version, to_status, actor_id, at)
    SELECT x.id, 1, 'awaiting_confirmation', p_buyer, v_now
    FROM jsonb_to_recordset(p_orders) AS x(id uuid);

    FOR o IN
        SELECT * FROM jsonb_to_recordset(p_orders) AS x(id uuid, seller_id uuid, total bigint, lines jsonb)
        ORDER BY x.id
    LOOP
        PERFORM "order".publish('order.placed', o.id, 1, jsonb_build_object(
            'order_id', o.id, 'checkout_id', p_checkout, 'buyer_id', p_buyer, 'seller_id', o.seller_id,
            'total', shared.money(o.total, p_currency),
            'lines', (SELECT jsonb_agg(jsonb_build_object(
                          'variant_id', l.variant_id, 'product_id', l.product_id, 'name', l.name,
                          'quantity', l.quantity, 'unit_price', shared.money(l.unit_price, p_currency)))
                      FROM jsonb_to_recordset(o.lines) AS l(
                          variant_id uuid, product_id uuid, name text, quantity integer, unit_price bigint))),
            p_trace);
    END LOOP;

    -- Only a checkout of the cart has one.
    DELETE FROM "order".attempt a WHERE a.checkout_id = p_checkout RETURNING a.lines INTO v_bought;
    IF v_bought IS NOT NULL THEN
        PERFORM "order".take_from_cart_v1(p_buyer, v_bought);
    END IF;

    v_body := "order".checkout_json_v1(p_checkout)::text;
    PERFORM "order".idempotency_end(p_buyer, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
