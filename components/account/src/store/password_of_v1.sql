-- What it takes to ask somebody who is signed in for their password: whether that is locked, as a login
-- is, and the hash. Whoever has no password has shown who they are when the session is new. No row: there
-- is no such account.
CREATE OR REPLACE FUNCTION account.password_of_v1(
    p_account uuid, p_session uuid, p_identifier_scope text, p_address_scope text
) RETURNS TABLE (retry_after integer, password_hash text, has_password boolean, is_new boolean)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT account.login_locked_v1(p_identifier_scope, p_address_scope), a.password_hash, a.has_password,
           EXISTS (SELECT FROM account.session s
                   WHERE s.id = p_session AND s.account_id = p_account AND s.revoked_at IS NULL
                     AND s.created_at > shared.real_now() - interval '10 minutes')
    FROM account.account a WHERE a.id = p_account AND a.status <> 'erased';
END $$;
