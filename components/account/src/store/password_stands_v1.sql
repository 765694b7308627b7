-- Locks an account whose password was found right by an earlier statement, if that may still count: nothing is locked
-- out meanwhile, and the password is still what it was verified against (`p_verified_hash`), or already the one that
-- takes its place. `p_with_code`: a code of the second factor comes with it. All NULL: there is no such account.
CREATE OR REPLACE FUNCTION account.password_stands_v1(
    p_account uuid, p_verified_hash text, p_new_hash text,
    p_identifier_scope text, p_address_scope text, p_with_code boolean
) RETURNS account.account
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account;
BEGIN
    PERFORM account.logins_open_v1(
        p_identifier_scope, CASE WHEN p_with_code THEN 'code:' || p_account END, p_address_scope);
    SELECT * INTO v_account FROM account.account a
    WHERE a.id = p_account AND a.status <> 'erased' FOR NO KEY UPDATE;
    IF v_account.password_hash <> p_verified_hash
          AND v_account.password_hash IS DISTINCT FROM p_new_hash THEN
        -- Changed or rehashed between the two statements: the next try reads the new one.
        PERFORM shared.refuse('unavailable', '{"retry_after": 1}');
    END IF;
    RETURN v_account;
END $$;
