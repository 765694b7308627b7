-- Seconds for which a scope stays locked; 0 when it is not. `p_limit` failures within 15 minutes
-- lock it for 15 minutes from the last of them; a locked scope records no further ones.
CREATE OR REPLACE FUNCTION account.login_retry_after_v1(p_scope text, p_limit integer)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_last timestamp;
    v_count bigint;
BEGIN
    SELECT max(failed_at) INTO v_last FROM account.login_failure
    WHERE scope = p_scope AND failed_at > v_now - interval '15 minutes';
    IF v_last IS NULL THEN
        RETURN 0;
    END IF;
    SELECT count(*) INTO v_count FROM account.login_failure
    WHERE scope = p_scope AND failed_at > v_last - interval '15 minutes';
    IF v_count < p_limit THEN
        RETURN 0;
    END IF;
    RETURN greatest(1, ceil(extract(epoch FROM v_last + interval '15 minutes' - v_now)))::integer;
END $$;
