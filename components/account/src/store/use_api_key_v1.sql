-- What the tokens of a key for programs are made of, and for how many seconds the key is still good; NULL: until
-- it is revoked. When it was used is noted to the hour: integrators ask
-- every few minutes, and nobody needs to know it better.
CREATE OR REPLACE FUNCTION account.use_api_key_v1(p_key_hash bytea)
RETURNS TABLE (
    session_of_key uuid, scopes text, account_json jsonb, key_id text, key_alg text, key_secret bytea,
    good_for integer
)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_hour timestamp := date_trunc('hour', v_now);
    v_key account.api_key;
    v_account account.account;
    v_signs record;
BEGIN
    SELECT * INTO v_key FROM account.api_key k
    WHERE k.key_hash = p_key_hash AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > v_now);
    IF NOT FOUND THEN
        PERFORM shared.refuse('invalid_api_key');
    END IF;
    SELECT * INTO v_account FROM account.account a WHERE a.id = v_key.account_id AND a.status <> 'erased';
    IF NOT FOUND THEN
        PERFORM shared.refuse('invalid_api_key');
    END IF;
    PERFORM account.not_suspended_v1(v_account);
    IF v_key.used_at IS DISTINCT FROM v_hour THEN
        -- Revoked meanwhile, it was so without this use.
        UPDATE account.api_key k SET used_at = v_hour
        WHERE k.id = v_key.id AND k.revoked_at IS NULL AND k.session_id = v_key.session_id;
        IF NOT FOUND THEN
            PERFORM shared.refuse('invalid_api_key');
        END IF;
    END IF;
    SELECT * INTO v_signs FROM account.signing_key_v1();
    RETURN QUERY SELECT v_key.session_id, array_to_string(v_key.scopes, ' '),
        account.self_json_v1(v_account), v_signs.kid, v_signs.alg, v_signs.secret,
        CASE WHEN v_key.expires_at IS NOT NULL THEN
            ceil(least(extract(epoch FROM v_key.expires_at - v_now), 1e9))::integer END;
END $$;
