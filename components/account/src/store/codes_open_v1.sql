-- Refuses when too many wrong codes were sent for an account. Like the lock on passwords it is looked at
-- when a code was found right, under a lock that failures take for themselves: codes tried in parallel
-- give away no more than those tried one after another. Locks come in the order of `login_failed_v1`:
-- call this before anything that locks the client's address.
CREATE OR REPLACE FUNCTION account.codes_open_v1(p_account uuid, p_identifier_scope text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_scope text := 'code:' || p_account;
    v_retry integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
    PERFORM pg_advisory_xact_lock_shared(hashtext('account.login.code'), hashtext(v_scope));
    v_retry := account.login_retry_after_v1(v_scope, 10);
    IF v_retry > 0 THEN
        PERFORM shared.refuse('too_many_logins', jsonb_build_object('retry_after', v_retry));
    END IF;
END $$;
