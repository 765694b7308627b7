-- Revokes a key for programs. One that was revoked before stays so; somebody else's is not found.
CREATE OR REPLACE FUNCTION account.delete_api_key_v1(p_account uuid, p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF account.revoke_api_keys_v1(p_account, p_id, 'owner') = 0
       AND NOT EXISTS (SELECT FROM account.api_key k WHERE k.account_id = p_account AND k.id = p_id) THEN
        PERFORM shared.refuse('not_found');
    END IF;
END $$;
