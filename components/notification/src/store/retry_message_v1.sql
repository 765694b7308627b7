-- Has a dead letter tried again, ten times more. Not one whose secret is gone: there is nothing to send.
CREATE OR REPLACE FUNCTION notification.retry_message_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_id uuid
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_body text;
    m notification.message;
BEGIN
    v_stored := notification.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    END IF;
    SELECT * INTO m FROM notification.message x WHERE x.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF m.state <> 'dead' THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('message_status', m.state));
    ELSIF m.sealed IS NULL OR m.expires_at <= shared.real_now() THEN
        PERFORM shared.refuse('message_expired');
    END IF;
    UPDATE notification.message x
    SET state = 'queued', reason = NULL, ended_at = NULL, tries = 0, due_at = shared.real_now()
    WHERE x.id = m.id RETURNING * INTO m;
    v_body := notification.message_json_v1(m)::text;
    PERFORM notification.idempotency_end(p_account, p_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
