-- A saved method as the API shows it: never its token.
CREATE OR REPLACE FUNCTION payment.saved_method_json_v1(m payment.saved_method) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', m.id, 'provider', m.provider, 'label', m.label, 'is_default', m.is_default,
        'created_at', shared.rfc3339(m.created_at));
END $$;
