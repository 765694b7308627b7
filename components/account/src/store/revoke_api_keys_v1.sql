-- Revokes one of an account's keys for programs, or with NULL all of them: they are good for no token any
-- more at once, and the tokens that they were good for stop working as those of a revoked session do.
CREATE OR REPLACE FUNCTION account.revoke_api_keys_v1(p_account uuid, p_id uuid, p_because text)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_key account.api_key;
    v_revoked integer := 0;
BEGIN
    FOR v_key IN
        SELECT * FROM account.api_key k
        WHERE k.account_id = p_account AND (p_id IS NULL OR k.id = p_id) AND k.revoked_at IS NULL
        ORDER BY k.id FOR UPDATE
    LOOP
        UPDATE account.api_key k SET revoked_at = shared.real_now() WHERE k.id = v_key.id;
        PERFORM account.revoke_key_tokens_v1(v_key);
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        VALUES (p_account, p_account, 'api_key_revoked', jsonb_build_object(
            'api_key_id', v_key.id, 'prefix', v_key.prefix, 'reason', p_because));
        v_revoked := v_revoked + 1;
    END LOOP;
    RETURN v_revoked;
END $$;
