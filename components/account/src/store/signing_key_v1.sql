-- The newest key that signs, with its seed. Refused while there is none.
CREATE OR REPLACE FUNCTION account.signing_key_v1(OUT kid text, OUT secret bytea)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT k.kid, s.secret INTO kid, secret
    FROM shared.signing_key k JOIN account.signing_secret s ON s.kid = k.kid
    WHERE k.signs AND k.retired_at IS NULL AND k.alg = 'EdDSA'
    ORDER BY k.created_at DESC LIMIT 1;
    IF NOT FOUND THEN
        PERFORM shared.refuse('unavailable', '{"retry_after": 5}');
    END IF;
END $$;
