-- Brings in another key to sign with, for the CLI: it is published now and signs in 10 seconds, when
-- every module has seen it. The keys before it go on verifying until the last token that they sign is
-- over: 15 minutes after that, and some slack. Answers from when on it signs.
--
-- `p_at_once`, for when a key has leaked: those before it are retired now, and the new one signs. Every
-- access token stops working as soon as the modules have seen it, and new ones may be refused until then.
CREATE OR REPLACE FUNCTION account.rotate_key_v1(
    p_kid text, p_alg text, p_jwk jsonb, p_secret bytea, p_at_once boolean
) RETURNS timestamp
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp;
    v_from timestamp;
BEGIN
    -- One rotation after the other.
    PERFORM pg_advisory_xact_lock(hashtext('account.rotate_key'));
    v_now := shared.real_now();
    -- The very first key has nobody to wait for.
    v_from := v_now + CASE WHEN NOT p_at_once AND EXISTS (
            SELECT FROM shared.signing_key k WHERE k.signs AND k.retired_at IS NULL)
        THEN interval '10 seconds' ELSE interval '0' END;
    UPDATE shared.signing_key k
    SET retired_at = CASE WHEN p_at_once THEN v_now ELSE v_from + interval '20 minutes' END
    WHERE k.retired_at IS NULL OR (p_at_once AND k.retired_at > v_now);
    INSERT INTO shared.signing_key (kid, alg, public_jwk, created_at, signs_from)
    VALUES (p_kid, p_alg, p_jwk, v_now, v_from);
    INSERT INTO account.signing_secret (kid, secret) VALUES (p_kid, p_secret);
    INSERT INTO account.audit (action, facts)
    VALUES ('key_rotated', jsonb_build_object('kid', p_kid, 'alg', p_alg, 'at_once', p_at_once));
    RETURN v_from;
END $$;
