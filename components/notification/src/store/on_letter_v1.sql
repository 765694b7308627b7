-- Makes a letter of an event that carries a sealed address. Without one there is nowhere to send it, or
-- nothing: an event that looks like a letter and is none keeps whoever watches from telling them apart. What
-- comes late for an account that is erased goes nowhere.
CREATE OR REPLACE FUNCTION notification.on_letter_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
    v_now timestamp := shared.real_now();
    v_channel text;
    v_template text;
    v_facts jsonb;
    -- What carries no secret is news for so long.
    v_expires timestamp := v_now + interval '3 days';
BEGIN
    IF v_data->>'sealed' IS NULL
       OR EXISTS (SELECT FROM notification.person p
                  WHERE p.id = (v_data->>'account_id')::uuid AND p.erased) THEN
        RETURN;
    END IF;
    v_channel := CASE coalesce(v_data->>'channel', 'email') WHEN 'email' THEN 'email' WHEN 'phone' THEN 'sms' END;
    CASE p_event->>'kind'
        WHEN 'account.verification_requested' THEN
            v_template := v_data->>'purpose';
            IF v_template IS NULL OR v_template NOT IN ('verify', 'reset') THEN
                RAISE data_exception USING MESSAGE = format('a letter to %L', v_template);
            END IF;
            v_expires := (v_data->>'expires_at')::timestamptz AT TIME ZONE 'utc';
            v_facts := jsonb_build_object('expires_at', shared.rfc3339(v_expires));
        WHEN 'account.password_changed' THEN
            v_template := 'password_changed';
            v_facts := jsonb_build_object('changed_by', v_data->>'changed_by', 'at', p_event->>'time');
        WHEN 'account.signed_in_from_new_device' THEN
            v_template := 'new_device';
            v_facts := jsonb_build_object('device', left(v_data->>'device', 120), 'at', left(v_data->>'at', 40));
        WHEN 'account.access_changed' THEN
            v_template := v_data->>'change';
            IF v_template IS NULL OR v_template NOT IN ('identity_linked', 'api_key_made', 'second_factor_on',
                    'second_factor_off', 'second_factor_taken_away', 'email_changed', 'phone_changed') THEN
                RAISE data_exception USING MESSAGE = format('a letter about %L', v_template);
            END IF;
            v_facts := jsonb_strip_nulls(jsonb_build_object(
                'name', left(v_data->>'name', 40), 'at', left(v_data->>'at', 40)));
    END CASE;
    INSERT INTO notification.message (
        id, event_id, account_id, channel, template, locale, data, sealed, state, due_at, created_at,
        expires_at)
    VALUES (
        shared.uuid_v7(), (p_event->>'id')::uuid, (v_data->>'account_id')::uuid, v_channel, v_template,
        coalesce(left(v_data->>'locale', 35), 'en'), v_facts, v_data->>'sealed', 'queued', v_now, v_now,
        v_expires)
    ON CONFLICT (event_id) DO NOTHING;
END $$;
