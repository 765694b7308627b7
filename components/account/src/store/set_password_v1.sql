-- Puts another password in place of an account's, which is locked: ends its sessions but `p_keep`, and
-- tells so. Whatever was sent and not used yet is void, and addresses that have not taken their place yet
-- are forgotten: whoever had got hold of the account may have asked for them, and could come back by them.
-- `p_told`, `{"channel", "sealed"}`, is where the owner hears of it; NULL: nowhere.
CREATE OR REPLACE FUNCTION account.set_password_v1(
    p_account account.account, p_hash text, p_keep uuid, p_by text, p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_session uuid;
    v_version bigint;
BEGIN
    UPDATE account.account a
    SET password_hash = p_hash, has_password = true, pending_email = NULL, pending_phone = NULL, updated_at = shared.now(),
        version = a.version + (a.pending_email IS NOT NULL OR a.pending_phone IS NOT NULL)::integer
    WHERE a.id = p_account.id RETURNING a.version INTO v_version;
    DELETE FROM account.verification v WHERE v.account_id = p_account.id AND v.used_by IS NULL;
    FOR v_session IN
        SELECT s.id FROM account.session s
        WHERE s.account_id = p_account.id AND s.revoked_at IS NULL AND s.id IS DISTINCT FROM p_keep
        ORDER BY s.id
    LOOP
        PERFORM account.revoke_session_v1(v_session, 'password_changed', p_account.id, p_trace);
    END LOOP;
    PERFORM account.revoke_api_keys_v1(p_account.id, NULL, 'password_changed');
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_account.id, p_account.id, 'password_changed', jsonb_build_object('by', p_by));
    PERFORM account.publish('account.password_changed', p_account.id, v_version,
        jsonb_strip_nulls(jsonb_build_object(
            'account_id', p_account.id, 'changed_by', p_by, 'locale', p_account.locale,
            'channel', p_told->'channel', 'sealed', p_told->'sealed')),
        p_trace);
END $$;
