-- The longer lock of an identifier (10 failures) and a client's address (30). NULL is no scope.
CREATE OR REPLACE FUNCTION account.login_locked_v1(p_identifier_scope text, p_address_scope text)
RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    RETURN greatest(
        account.login_retry_after_v1(p_identifier_scope, 10),
        account.login_retry_after_v1(p_address_scope, 30));
END $$;
