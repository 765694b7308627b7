-- A bank account as the API shows it: to people the last digits of its number, to who transfers all of it.
CREATE OR REPLACE FUNCTION payment.bank_account_json_v1(b payment.bank_account, p_whole boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', b.id, 'bank_code', b.bank_code,
        'number', CASE WHEN p_whole THEN b.number ELSE '****' || right(b.number, 4) END,
        'holder', b.holder, 'currency', b.currency, 'is_default', b.is_default,
        'created_at', shared.rfc3339(b.created_at));
END $$;
