-- Notes that an account has signed in with a device, `{"name", "network", "channel", "sealed"}`. When it
-- has before, but never with this one, its owner is told: at the address in `sealed`, if there is one. As
-- any messages these are counted, since whoever signs in calls the device what they like; for the same reason
-- an account has at most 50 devices, and one more takes the place of the one that was not seen for longest.
CREATE OR REPLACE FUNCTION account.see_device_v1(
    p_account account.account, p_session uuid, p_device jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_others boolean := EXISTS (
        SELECT FROM account.known_device k WHERE k.account_id = p_account.id);
    v_told boolean;
BEGIN
    -- Whoever comes back soon is not written down again each time.
    UPDATE account.known_device k SET last_seen_at = v_now
    WHERE k.account_id = p_account.id AND k.name = p_device->>'name'
      AND k.network = p_device->>'network' AND k.last_seen_at < v_now - interval '1 day';
    INSERT INTO account.known_device (account_id, name, network, first_seen_at, last_seen_at)
    VALUES (p_account.id, p_device->>'name', p_device->>'network', v_now, v_now)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND OR NOT v_others THEN
        RETURN;
    END IF;
    DELETE FROM account.known_device k USING (
        SELECT o.name, o.network FROM account.known_device o
        WHERE o.account_id = p_account.id ORDER BY o.last_seen_at DESC, o.name, o.network OFFSET 50) old
    WHERE k.account_id = p_account.id AND k.name = old.name AND k.network = old.network;
    v_told := p_device->>'sealed' IS NOT NULL AND account.count_sending_v1('device ' || p_account.id) = 0;
    INSERT INTO account.audit (actor_id, account_id, action, facts)
    VALUES (p_account.id, p_account.id, 'new_device',
            jsonb_build_object('session_id', p_session, 'device', p_device->'name'));
    PERFORM account.publish('account.signed_in_from_new_device', p_account.id, p_account.version,
        jsonb_strip_nulls(jsonb_build_object(
            'account_id', p_account.id, 'session_id', p_session, 'device', p_device->'name',
            'at', shared.rfc3339(v_now), 'locale', p_account.locale,
            'channel', CASE WHEN v_told THEN p_device->'channel' END,
            'sealed', CASE WHEN v_told THEN p_device->'sealed' END)),
        p_trace);
END $$;
