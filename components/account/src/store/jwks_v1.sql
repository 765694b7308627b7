-- The public keys as a JWK set (RFC 7517), the newest first.
CREATE OR REPLACE FUNCTION account.jwks_v1() RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
                'keys', coalesce(jsonb_agg(k.public_jwk ORDER BY k.created_at DESC), '[]'))
            FROM shared.signing_key k WHERE k.retired_at IS NULL)::text;
END $$;
