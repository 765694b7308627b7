-- The public keys as a JWK set (RFC 7517), the newest first: one that does not sign yet and those whose
-- last tokens are not over among them.
CREATE OR REPLACE FUNCTION shared.jwks() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'keys', coalesce(jsonb_agg(public_jwk ORDER BY created_at DESC), '[]'))::text
    FROM shared.signing_key
    WHERE retired_at IS NULL OR retired_at > shared.real_now()
$$;
