-- Counts a failed login. Answers 0, or for how many seconds the scopes are locked already: then
-- the caller must answer that instead, whatever the password was. Passwords tried in parallel thus
-- give away no more than those tried one after another.
CREATE OR REPLACE FUNCTION account.login_failed_v1(p_identifier_scope text, p_address_scope text)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer;
    v_scope text;
    v_limit integer;
BEGIN
    -- Always the identifier first. NULL locks nothing.
    PERFORM pg_advisory_xact_lock(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
    PERFORM pg_advisory_xact_lock(hashtext('account.login.address'), hashtext(p_address_scope));
    v_retry := account.login_locked_v1(p_identifier_scope, p_address_scope);
    IF v_retry > 0 THEN
        RETURN v_retry;
    END IF;
    FOR v_scope, v_limit IN VALUES (p_identifier_scope, 10), (p_address_scope, 30) LOOP
        CONTINUE WHEN v_scope IS NULL;
        INSERT INTO account.login_failure (scope, failed_at) VALUES (v_scope, shared.real_now());
        IF account.login_retry_after_v1(v_scope, v_limit) > 0 THEN
            INSERT INTO account.audit (action, facts)
            VALUES ('login_locked', jsonb_build_object('scope', v_scope, 'address', p_address_scope));
        END IF;
    END LOOP;
    RETURN 0;
END $$;
