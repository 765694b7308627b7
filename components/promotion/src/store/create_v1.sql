-- Makes a promotion of `p_owner`; NULL: of the platform. A request without a key counts once too: its
-- reference stands in for one, so that a statement repeated after a lost connection finds it.
CREATE OR REPLACE FUNCTION promotion.create_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text, p_owner uuid, p_new jsonb
) RETURNS TABLE (status integer, body text, replayed boolean, now_at timestamp)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := promotion.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_now timestamp := shared.now();
    v_row promotion.promotion;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true, v_now;
        RETURN;
    END IF;
    v_row.id := p_reference;
    v_row.owner_id := p_owner;
    v_row.kind := p_new->>'kind';
    v_row.currency := p_new->>'currency';
    v_row.used_amount := 0;
    v_row.used_uses := 0;
    v_row.exhausted_told := false;
    v_row.version := 1;
    v_row.created_at := v_now;
    v_row.updated_at := v_now;
    v_row := promotion.row_v1(v_row, p_new);
    PERFORM promotion.owner_lock_v1(p_owner);
    PERFORM promotion.check_automatic_v1(v_row);
    INSERT INTO promotion.promotion SELECT v_row.*
    ON CONFLICT (code) WHERE code IS NOT NULL AND deleted_at IS NULL DO NOTHING;
    IF NOT FOUND THEN
        PERFORM shared.refuse('code_taken', jsonb_build_object('promotion_code', v_row.code));
    END IF;
    PERFORM promotion.tell_v1(v_row, p_trace);
    v_body := promotion.promotion_json_v1(v_row)::text;
    PERFORM promotion.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false, v_now;
END $$;
