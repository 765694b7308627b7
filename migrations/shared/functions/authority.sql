-- Everything that is needed to judge an access token, as one JSON text: the public keys and the
-- sessions revoked within the life of an access token (15 minutes, and some slack).
CREATE OR REPLACE FUNCTION shared.authority() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'keys', coalesce((SELECT jsonb_agg(public_jwk ORDER BY created_at DESC)
                          FROM shared.signing_key
                          WHERE retired_at IS NULL OR retired_at > shared.real_now()), '[]'),
        'revoked', coalesce((SELECT jsonb_agg(session_id)
                             FROM shared.revocation
                             WHERE revoked_at > shared.real_now() - interval '20 minutes'), '[]')
    )::text
$$;
