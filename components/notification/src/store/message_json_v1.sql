-- A letter as moderators see it: neither where it went nor what was secret in it.
CREATE OR REPLACE FUNCTION notification.message_json_v1(m notification.message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', m.id, 'account_id', m.account_id, 'channel', m.channel, 'template', m.template,
        'locale', m.locale, 'state', m.state, 'reason', m.reason, 'error', m.error, 'tries', m.tries,
        'provider', m.provider, 'provider_ref', m.provider_ref,
        'retriable', m.state = 'dead' AND m.sealed IS NOT NULL,
        'created_at', shared.rfc3339(m.created_at),
        'due_at', CASE WHEN m.state = 'queued' THEN shared.rfc3339(m.due_at) END,
        'expires_at', shared.rfc3339(m.expires_at),
        'ended_at', shared.rfc3339(m.ended_at));
END $$;
