-- Makes a warehouse. For a missing key see `import_v1`.
CREATE OR REPLACE FUNCTION inventory.create_warehouse_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_name text, p_priority integer
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := inventory.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_row inventory.warehouse;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM inventory.seller_lock_v1(p_account, true);
    PERFORM inventory.check_warehouse_v1(p_account, NULL, p_name);
    INSERT INTO inventory.warehouse AS w (id, seller_id, name, priority, created_at)
    VALUES (p_reference, p_account, p_name, p_priority, shared.now())
    RETURNING w.* INTO v_row;
    v_body := inventory.warehouse_json_v1(v_row)::text;
    PERFORM inventory.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
