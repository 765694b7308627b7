-- Puts another password in place of an account's, which is locked: ends its sessions but `p_keep`, and
-- tells so. Whatever was sent and not used yet is void, and addresses that have not taken their place yet
-- are forgotten: whoever had got hold of the account may have asked for them, and could come back by them.
-- So is a link to an issuer that has begun, and a second factor that is not in force; and by a reset, whose
-- owner did not know the old password, all linked issuers too.
-- `p_told`, `{"channel", "sealed"}`, is where the owner hears of it, counted as any messages are; NULL:
-- nowhere. Refused while there is no name that the password could be given with.
CREATE OR REPLACE FUNCTION account.set_password_v1(
    p_account account.account, p_hash text, p_keep uuid, p_by text, p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_version bigint;
    v_told boolean := p_told IS NOT NULL AND account.count_sending_v1('password ' || p_account.id) = 0;
BEGIN
    IF p_account.email IS NULL AND p_account.phone IS NULL AND p_account.username IS NULL THEN
        PERFORM shared.refuse('missing_identifier');
    END IF;
    UPDATE account.account a
    SET password_hash = p_hash, has_password = true, pending_email = NULL, pending_phone = NULL, updated_at = shared.now(),
        version = a.version + (a.pending_email IS NOT NULL OR a.pending_phone IS NOT NULL)::integer
    WHERE a.id = p_account.id RETURNING a.version INTO v_version;
    DELETE FROM account.oidc_attempt o WHERE o.account_id = p_account.id;
    DELETE FROM account.totp t WHERE t.account_id = p_account.id AND t.confirmed_at IS NULL;
    IF p_by = 'reset' THEN
        WITH gone AS (
            DELETE FROM account.identity i WHERE i.account_id = p_account.id RETURNING i.provider)
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        SELECT p_account.id, p_account.id, 'identity_unlinked',
               jsonb_build_object('provider', g.provider, 'reason', 'password_changed')
        FROM gone g;
    END IF;
    DELETE FROM account.verification v WHERE v.account_id = p_account.id AND v.used_by IS NULL;
    PERFORM account.end_sessions_v1(p_account.id, p_keep, 'password_changed', p_account.id, p_trace);
    PERFORM account.revoke_api_keys_v1(p_account.id, NULL, 'password_changed');
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_account.id, p_account.id, 'password_changed', jsonb_build_object('by', p_by));
    PERFORM account.publish('account.password_changed', p_account.id, v_version,
        jsonb_strip_nulls(jsonb_build_object(
            'account_id', p_account.id, 'changed_by', p_by, 'locale', p_account.locale,
            'channel', CASE WHEN v_told THEN p_told->'channel' END,
            'sealed', CASE WHEN v_told THEN p_told->'sealed' END)),
        p_trace);
END $$;
