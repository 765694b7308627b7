-- A key for programs as its owner sees it: never the key itself.
CREATE OR REPLACE FUNCTION account.api_key_json_v1(k account.api_key) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', k.id, 'name', k.name, 'prefix', k.prefix, 'scopes', to_jsonb(k.scopes),
        'created_at', shared.rfc3339(k.created_at), 'expires_at', shared.rfc3339(k.expires_at),
        'used_at', shared.rfc3339(k.used_at));
END $$;
