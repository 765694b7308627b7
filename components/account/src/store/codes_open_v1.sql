-- Refuses when too many wrong codes were sent for an account, or when whoever sends them is locked out: a
-- failure that is not counted because of another lock must not be told from a success. Like the lock on
-- passwords it is looked at when a code was found right: codes tried in parallel give away no more than those
-- tried one after another. Call this before anything that locks the client's address, or a row.
CREATE OR REPLACE FUNCTION account.codes_open_v1(
    p_account uuid, p_identifier_scope text, p_address_scope text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM account.logins_open_v1(p_identifier_scope, 'code:' || p_account, p_address_scope);
END $$;
