-- Counts a message that is about to be sent. Answers 0, or in how many seconds one may be sent; then
-- it is not counted. At most one a minute and five an hour.
CREATE OR REPLACE FUNCTION account.count_sending_v1(p_scope text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp;
    v_wait numeric;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('account.sending'), hashtext(p_scope));
    v_now := shared.real_now();
    SELECT greatest(
        extract(epoch FROM max(s.sent_at) + interval '1 minute' - v_now),
        extract(epoch FROM (array_agg(s.sent_at ORDER BY s.sent_at DESC))[5] + interval '1 hour' - v_now))
    INTO v_wait
    FROM account.sending s
    WHERE s.scope = p_scope AND s.sent_at > v_now - interval '1 hour';
    IF v_wait > 0 THEN
        RETURN ceil(v_wait)::integer;
    END IF;
    INSERT INTO account.sending (scope, sent_at) VALUES (p_scope, v_now);
    RETURN 0;
END $$;
