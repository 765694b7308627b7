-- An administrator gives to a wallet, or takes from it where `p_amount` is negative, against an account
-- of the platform. Refuses with `insufficient_funds`, `balance_limit` and `own_affair`.
CREATE OR REPLACE FUNCTION payment.adjust_wallet_v1(
    p_admin uuid, p_key text, p_hash text, p_reference uuid,
    p_account uuid, p_amount bigint, p_currency text, p_against text, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb := payment.idempotency_begin(p_admin, p_key, p_hash, p_reference);
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    ELSIF p_account = p_admin THEN
        PERFORM shared.refuse('own_affair');
    END IF;
    PERFORM payment.post_v1('adjustment:' || p_reference, 'adjustment', p_reference, jsonb_build_array(
        jsonb_build_object('kind', 'wallet', 'owner', p_account, 'currency', p_currency, 'amount', p_amount),
        jsonb_build_object('kind', p_against, 'currency', p_currency, 'amount', -p_amount)),
        p_admin, p_reason);
    v_body := jsonb_build_object(
        'id', p_reference, 'account_id', p_account, 'amount', p_amount, 'currency', p_currency,
        'against', p_against, 'reason', p_reason,
        'available', payment.balance_v1('wallet', p_account, p_currency),
        'adjusted_at', shared.rfc3339(shared.now()))::text;
    PERFORM payment.idempotency_end(p_admin, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false;
END $$;
