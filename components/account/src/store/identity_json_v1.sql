-- An identity as its owner sees it.
CREATE OR REPLACE FUNCTION account.identity_json_v1(i account.identity) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', i.id, 'provider', i.provider, 'issuer', i.issuer, 'email', i.email,
        'created_at', shared.rfc3339(i.created_at), 'used_at', shared.rfc3339(i.used_at));
END $$;
