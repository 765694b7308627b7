-- Takes what became of claimed letters: `[{"id", "lease", "outcome", "provider", "provider_ref", "error",
-- "mailbox"}]`. `outcome` is `sent`, `failed` (to be tried again) or the reason for which it is dead;
-- `mailbox` the address under which the mailbox shows it. Counts only with the newest lease.
--
-- What was sent holds nothing secret from here on. A dead one keeps it until it expires, so that it may
-- be tried again.
CREATE OR REPLACE FUNCTION notification.messages_done_v1(p_outcomes jsonb) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_done integer := 0;
    x record;
    m notification.message;
    v_reason text;
BEGIN
    FOR x IN
        SELECT * FROM jsonb_to_recordset(p_outcomes) AS o(
            id uuid, lease uuid, outcome text, provider text, provider_ref text, error text, mailbox text)
        ORDER BY o.id
    LOOP
        SELECT * INTO m FROM notification.message
        WHERE id = x.id AND lease = x.lease AND state = 'queued' FOR UPDATE;
        CONTINUE WHEN NOT FOUND;
        v_done := v_done + 1;
        IF x.mailbox IS NOT NULL THEN
            INSERT INTO notification.mailbox (message_id, address, sealed, delivered_at)
            VALUES (m.id, lower(x.mailbox), m.sealed, v_now) ON CONFLICT (message_id) DO NOTHING;
        END IF;
        v_reason := CASE
            WHEN x.outcome = 'sent' THEN NULL
            WHEN x.outcome <> 'failed' THEN x.outcome
            WHEN m.tries >= 10 THEN 'gave_up' END;
        UPDATE notification.message SET
            state = CASE WHEN x.outcome = 'sent' THEN 'sent' WHEN v_reason IS NULL THEN 'queued' ELSE 'dead' END,
            reason = v_reason,
            sealed = CASE WHEN x.outcome <> 'sent' THEN m.sealed END,
            lease = NULL,
            provider = x.provider,
            provider_ref = left(x.provider_ref, 200),
            error = left(x.error, 500),
            ended_at = CASE WHEN x.outcome = 'sent' OR v_reason IS NOT NULL THEN v_now END,
            -- 4 s, 8 s, 16 s … up to ten minutes, with a little jitter: ten tries take half an hour. What
            -- has expired before that is looked at then.
            due_at = least(m.expires_at,
                v_now + make_interval(secs => least(600, 2 * 2 ^ m.tries) * (0.9 + random() * 0.2)))
        WHERE id = m.id;
    END LOOP;
    RETURN v_done;
END $$;
