-- The key that signs: the newest whose time has come, with its algorithm and its secret half. Refused
-- while there is none.
CREATE OR REPLACE FUNCTION account.signing_key_v1(OUT kid text, OUT alg text, OUT secret bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
BEGIN
    SELECT k.kid, k.alg, s.secret INTO kid, alg, secret
    FROM shared.signing_key k JOIN account.signing_secret s ON s.kid = k.kid
    WHERE k.signs AND k.signs_from <= v_now AND (k.retired_at IS NULL OR k.retired_at > v_now)
    ORDER BY k.signs_from DESC, k.kid LIMIT 1;
    IF NOT FOUND THEN
        PERFORM shared.refuse('unavailable', '{"retry_after": 5}');
    END IF;
END $$;
