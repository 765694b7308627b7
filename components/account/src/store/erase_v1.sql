-- Erases an account, for an owner who has just shown who they are: what is left is its id, under which others
-- keep what they must; it is of no country any more (ZZ, which ISO 3166-1 leaves to its users). See docs/decisions/0011-erasure.md. A repetition finds it erased.
--
-- Locked so that nothing new can refer to it meanwhile. Not somebody of the staff, whom an administrator
-- dismisses first: there is always one.
CREATE OR REPLACE FUNCTION account.erase_v1(
    p_account uuid, p_verified_hash text, p_no_password text,
    p_identifier_scope text, p_address_scope text, p_proof jsonb, p_use uuid, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
BEGIN
    PERFORM account.logins_open_v1(
        p_identifier_scope, CASE WHEN p_proof IS NOT NULL THEN 'code:' || p_account END, p_address_scope);
    SELECT * INTO v_account FROM account.account a WHERE a.id = p_account FOR UPDATE;
    IF v_account.status = 'erased' THEN
        RETURN;
    END IF;
    PERFORM account.password_confirmed_v1(
        p_account, p_verified_hash, NULL, p_identifier_scope, p_address_scope);
    IF v_account.roles && '{moderator,admin}' THEN
        PERFORM shared.refuse('staff_stays');
    END IF;
    PERFORM account.may_sign_in_v1(v_account, p_proof, p_use);

    PERFORM account.end_sessions_v1(p_account, NULL, 'erased', p_account, p_trace);
    PERFORM account.revoke_api_keys_v1(p_account, NULL, 'erased');
    DELETE FROM account.session s WHERE s.account_id = p_account;
    DELETE FROM account.api_key k WHERE k.account_id = p_account;
    DELETE FROM account.totp t WHERE t.account_id = p_account;
    DELETE FROM account.known_device d WHERE d.account_id = p_account;
    DELETE FROM account.verification v WHERE v.account_id = p_account;
    DELETE FROM account.oidc_attempt o WHERE o.account_id = p_account;
    DELETE FROM account.identity i WHERE i.account_id = p_account;
    DELETE FROM account.contact c WHERE c.account_id = p_account;
    DELETE FROM account.favorite f WHERE f.account_id = p_account;
    DELETE FROM account.device d WHERE d.account_id = p_account;
    DELETE FROM account.notification_preference n WHERE n.account_id = p_account;
    DELETE FROM account.follow f WHERE f.follower_id = p_account OR f.seller_id = p_account;
    DELETE FROM account.idempotency i WHERE i.account_id = p_account;
    UPDATE account.account a
    SET email = NULL, email_verified_at = NULL, pending_email = NULL,
        phone = NULL, phone_verified_at = NULL, pending_phone = NULL, username = NULL,
        password_hash = p_no_password, has_password = false,
        name = 'Deleted account', bio = '', country = 'ZZ', locale = 'en', roles = '{member}',
        created_at = shared.now(),
        status = 'erased', erased_at = shared.real_now(),
        suspended_at = NULL, suspended_until = NULL, suspended_because = NULL, suspended_by = NULL,
        version = a.version + 1, updated_at = shared.now()
    WHERE a.id = p_account RETURNING a.* INTO v_account;
    INSERT INTO account.audit (actor_id, account_id, action) VALUES (p_account, p_account, 'erased');
    PERFORM account.publish('account.erased', p_account, v_account.version,
        jsonb_build_object('account_id', p_account), p_trace);
END $$;
