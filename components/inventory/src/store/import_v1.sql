-- Puts units on the shelf of a seller's warehouse `main`, which is made when there is none. Lines
-- are `[{"variant_id", "quantity"}]`, no variant twice. Without a key the reference stands in, so
-- that a statement repeated after a lost connection still counts once.
CREATE OR REPLACE FUNCTION inventory.import_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_lines jsonb, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_warehouse uuid;
    v_on_hand integer;
    v_body text;
    t record;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT w.id INTO v_warehouse FROM inventory.warehouse w
    WHERE w.seller_id = p_account AND w.name = 'main';
    IF NOT FOUND THEN
        INSERT INTO inventory.warehouse (id, seller_id, name, created_at)
        VALUES (shared.uuid_v7(), p_account, 'main', v_now)
        ON CONFLICT (seller_id, name) DO NOTHING;
        SELECT w.id INTO v_warehouse FROM inventory.warehouse w
        WHERE w.seller_id = p_account AND w.name = 'main';
    END IF;

    PERFORM 1 FROM inventory.stock s
    WHERE s.variant_id IN (SELECT l.variant_id FROM jsonb_to_recordset(p_lines) AS l(variant_id uuid))
      AND s.seller_id = p_account
    ORDER BY s.variant_id, s.warehouse_id
    FOR UPDATE;
    FOR t IN
        SELECT * FROM jsonb_to_recordset(p_lines) AS l(variant_id uuid, quantity integer)
        ORDER BY l.variant_id
    LOOP
        INSERT INTO inventory.stock AS s (variant_id, warehouse_id, seller_id, on_hand, updated_at)
        VALUES (t.variant_id, v_warehouse, p_account, t.quantity, v_now)
        ON CONFLICT (variant_id, warehouse_id) DO UPDATE
            SET on_hand = s.on_hand + t.quantity, version = s.version + 1, updated_at = v_now
        RETURNING s.on_hand INTO v_on_hand;
        IF v_on_hand > 1000000000 THEN
            PERFORM shared.refuse('stock_limit', jsonb_build_object('variant_id', t.variant_id));
        END IF;
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, reason, at)
        VALUES (t.variant_id, v_warehouse, 'import', t.quantity, 0, p_account, p_reason, v_now);
        PERFORM inventory.tell_v1(t.variant_id, p_account, p_trace);
    END LOOP;

    SELECT jsonb_build_object('items', jsonb_agg(
               inventory.balance_v1(p_account, l.variant_id) ORDER BY l.variant_id))::text
    INTO v_body
    FROM jsonb_to_recordset(p_lines) AS l(variant_id uuid);
    PERFORM inventory.idempotency_end(p_account, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
