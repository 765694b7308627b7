-- Saves a provider's token; the method's id is `p_reference`, and the first is the default. For a missing
-- key see `add_bank_account_v1`. Refuses with `already_saved` (`id`) and `saved_limit`.
CREATE OR REPLACE FUNCTION payment.add_method_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_provider text, p_token text, p_label text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := payment.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_same uuid;
    v_row payment.saved_method;
    v_count bigint;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM payment.hold_saved_v1('saved_method', p_account);
    SELECT m.id INTO v_same FROM payment.saved_method m
    WHERE m.account_id = p_account AND m.provider = p_provider AND m.token = p_token AND m.deleted_at IS NULL;
    IF FOUND THEN
        PERFORM shared.refuse('already_saved', jsonb_build_object('id', v_same));
    END IF;
    SELECT count(*) INTO v_count FROM payment.saved_method m
    WHERE m.account_id = p_account AND m.deleted_at IS NULL;
    IF v_count >= 20 THEN
        PERFORM shared.refuse('saved_limit');
    END IF;
    INSERT INTO payment.saved_method AS m (id, account_id, provider, token, label, is_default, created_at)
    VALUES (p_reference, p_account, p_provider, p_token, p_label, v_count = 0, shared.now())
    RETURNING m.* INTO v_row;
    v_body := payment.saved_method_json_v1(v_row)::text;
    PERFORM payment.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
