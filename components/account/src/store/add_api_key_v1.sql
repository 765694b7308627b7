-- Makes a key for programs, for an owner who has just shown who they are: a key is another way in, so the
-- second factor is asked for as at login. `p_session` is what its tokens will have for a session. Keys that
-- have expired count no more. The owner is told of it at `p_told`, see `tell_access_v1`. A repetition finds its own.
CREATE OR REPLACE FUNCTION account.add_api_key_v1(
    p_account uuid, p_verified_hash text, p_identifier_scope text, p_address_scope text,
    p_proof jsonb, p_id uuid, p_session uuid, p_name text, p_key_hash bytea, p_prefix text, p_scopes text[],
    p_expires text, p_told jsonb, p_trace text
) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_expires timestamp := p_expires::timestamp;
    v_account account.account;
    v_key account.api_key;
BEGIN
    IF p_proof IS NOT NULL THEN
        PERFORM account.codes_open_v1(p_account, p_identifier_scope, p_address_scope);
    END IF;
    v_account := account.password_confirmed_v1(
        p_account, p_verified_hash, NULL, p_identifier_scope, p_address_scope);
    PERFORM account.may_sign_in_v1(v_account, p_proof, p_id);
    SELECT * INTO v_key FROM account.api_key k WHERE k.id = p_id;
    IF NOT FOUND THEN
        IF (SELECT count(*) FROM account.api_key k
               WHERE k.account_id = p_account AND k.revoked_at IS NULL
                 AND (k.expires_at IS NULL OR k.expires_at > v_now)) >= 20 THEN
            PERFORM shared.refuse('too_many_api_keys');
        END IF;
        INSERT INTO account.api_key AS k (
            id, account_id, name, key_hash, prefix, scopes, session_id, created_at, expires_at)
        VALUES (p_id, p_account, p_name, p_key_hash, p_prefix,
                ARRAY(SELECT s FROM unnest('{read,write}'::text[]) s WHERE s = ANY (p_scopes)),
                p_session, v_now, v_expires)
        RETURNING k.* INTO v_key;
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        VALUES (p_account, p_account, 'api_key_made', jsonb_build_object(
            'api_key_id', p_id, 'prefix', p_prefix, 'scopes', to_jsonb(v_key.scopes)));
        PERFORM account.tell_access_v1(v_account, 'api_key_made', p_prefix, p_told, p_trace);
    END IF;
    RETURN QUERY SELECT account.api_key_json_v1(v_key)::text;
END $$;
