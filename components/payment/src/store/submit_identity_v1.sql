-- Somebody says who they are; its id is `p_reference`. It takes the place of one that still waits, of which
-- nothing is kept but that there was one. The one that counts goes on counting until staff approve this.
CREATE OR REPLACE FUNCTION payment.submit_identity_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid,
    p_legal_name text, p_country text, p_birth_date text,
    p_document_kind text, p_document_tail text, p_document_sealed text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := payment.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_gone payment.payout_identity;
    i payment.payout_identity;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    PERFORM payment.hold_saved_v1('payout_identity', p_account);
    DELETE FROM payment.payout_identity x WHERE x.account_id = p_account AND x.state = 'pending'
    RETURNING x.* INTO v_gone;
    IF FOUND THEN
        PERFORM payment.log_identity_v1(v_gone, p_account, 'withdrawn');
    END IF;
    INSERT INTO payment.payout_identity AS x
        (id, account_id, state, legal_name, country, birth_date, document_kind, document_tail, document_sealed,
         submitted_at)
    VALUES (p_reference, p_account, 'pending', p_legal_name, p_country, p_birth_date::date, p_document_kind,
            p_document_tail, p_document_sealed, shared.now())
    RETURNING x.* INTO i;
    PERFORM payment.log_identity_v1(i, p_account, 'submitted');
    v_body := payment.payout_identity_json_v1(i, true)::text;
    PERFORM payment.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
