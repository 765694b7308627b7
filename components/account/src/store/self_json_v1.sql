-- An account as its owner sees it.
CREATE OR REPLACE FUNCTION account.self_json_v1(a account.account) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', a.id,
        'email', a.email,
        'email_verified', a.email_verified_at IS NOT NULL,
        'pending_email', a.pending_email,
        'phone', a.phone,
        'phone_verified', a.phone_verified_at IS NOT NULL,
        'pending_phone', a.pending_phone,
        'username', a.username,
        'name', a.name,
        'bio', a.bio,
        'country', a.country::text,
        'locale', a.locale,
        'roles', to_jsonb(a.roles),
        'version', a.version,
        'created_at', shared.rfc3339(a.created_at))
$$;
