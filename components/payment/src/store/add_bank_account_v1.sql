-- Adds a bank account; its id is `p_reference`. The first of a currency is its default. Without a key the
-- reference stands in, so that a statement repeated after a lost connection still counts once. Refuses
-- with `already_saved` (`id`) and `saved_limit`.
CREATE OR REPLACE FUNCTION payment.add_bank_account_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid,
    p_bank_code text, p_number text, p_holder text, p_currency text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := payment.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_same uuid;
    v_row payment.bank_account;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM payment.hold_saved_v1('bank_account', p_account);
    SELECT b.id INTO v_same FROM payment.bank_account b
    WHERE b.account_id = p_account AND b.bank_code = p_bank_code AND b.number = p_number
      AND b.deleted_at IS NULL;
    IF FOUND THEN
        PERFORM shared.refuse('already_saved', jsonb_build_object('id', v_same));
    ELSIF 20 <= (SELECT count(*) FROM payment.bank_account b
                 WHERE b.account_id = p_account AND b.deleted_at IS NULL) THEN
        PERFORM shared.refuse('saved_limit');
    END IF;
    INSERT INTO payment.bank_account AS b
        (id, account_id, bank_code, number, holder, currency, is_default, created_at)
    VALUES (p_reference, p_account, p_bank_code, p_number, p_holder, p_currency,
            NOT EXISTS (SELECT 1 FROM payment.bank_account x
                        WHERE x.account_id = p_account AND x.currency = p_currency::char(3)
                          AND x.deleted_at IS NULL),
            shared.now())
    RETURNING b.* INTO v_row;
    v_body := payment.bank_account_json_v1(v_row, false)::text;
    PERFORM payment.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
