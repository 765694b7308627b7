-- Counts a failed login, or a password or code that somebody signed in was asked for. Answers 0, or for
-- how many seconds the scopes are locked already: then the caller must answer that instead, whatever the
-- password was. Passwords tried in parallel thus give away no more than those tried one after another.
-- A wrong code is counted for its account all the same, until that is locked as well: whoever is locked out
-- by their address must not go on guessing.
--
-- `p_failure` is `{"action", "part", "accounts", "address"}`, for the audit log: `login_failed` or
-- `confirmation_failed`, `password` or `code`, whose it was (nobody's, when empty), and the client's
-- address. What was typed as an identifier is not logged: it may well be a password in the wrong field.
CREATE OR REPLACE FUNCTION account.login_failed_v1(
    p_identifier_scope text, p_code_scope text, p_address_scope text, p_failure jsonb
) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer;
    v_kind text;
    v_scope text;
    v_limit integer;
    v_facts jsonb := jsonb_build_object('part', p_failure->'part', 'address', p_failure->'address');
    -- A row all the same when the identifier is nobody's.
    v_accounts uuid[] := ARRAY(SELECT t::uuid FROM jsonb_array_elements_text(p_failure->'accounts') t);
BEGIN
    -- Always in this order. NULL locks nothing.
    PERFORM pg_advisory_xact_lock(hashtext('account.login.identifier'), hashtext(p_identifier_scope));
    PERFORM pg_advisory_xact_lock(hashtext('account.login.code'), hashtext(p_code_scope));
    PERFORM pg_advisory_xact_lock(hashtext('account.login.address'), hashtext(p_address_scope));
    v_retry := greatest(
        account.login_locked_v1(p_identifier_scope, p_address_scope),
        account.login_retry_after_v1(p_code_scope, 10));
    IF v_accounts = '{}' THEN
        v_accounts := ARRAY[NULL::uuid];
    END IF;
    INSERT INTO account.audit (account_id, action, facts)
    SELECT t.id, p_failure->>'action', v_facts FROM unnest(v_accounts) AS t(id) WHERE v_retry = 0;
    FOR v_kind, v_scope, v_limit IN VALUES
        ('identifier', p_identifier_scope, 10), ('code', p_code_scope, 10), ('address', p_address_scope, 30)
    LOOP
        CONTINUE WHEN v_scope IS NULL OR (v_retry > 0 AND (
            v_kind <> 'code' OR account.login_retry_after_v1(v_scope, v_limit) > 0));
        INSERT INTO account.login_failure (scope, failed_at) VALUES (v_scope, shared.real_now());
        IF account.login_retry_after_v1(v_scope, v_limit) > 0 THEN
            INSERT INTO account.audit (account_id, action, facts)
            SELECT CASE WHEN v_kind <> 'address' THEN t.id END, 'login_locked',
                   v_facts || jsonb_build_object('by', v_kind)
            FROM unnest(CASE WHEN v_kind = 'address' THEN ARRAY[NULL::uuid] ELSE v_accounts END) AS t(id);
        END IF;
    END LOOP;
    RETURN v_retry;
END $$;
