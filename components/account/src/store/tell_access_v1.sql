-- Tells that the ways into an account, which is locked, have changed: `p_change` says how, `p_name` names the
-- issuer or the beginning of the key. `p_told`, `{"channel", "sealed"}`, is where its owner hears of it, counted as
-- any messages are, each change for itself; NULL: nowhere. In the statement that makes the change, and once with it.
CREATE OR REPLACE FUNCTION account.tell_access_v1(
    p_account account.account, p_change text, p_name text, p_told jsonb, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_told boolean := p_told IS NOT NULL AND account.count_sending_v1(p_change || ' ' || p_account.id) = 0;
BEGIN
    PERFORM account.publish('account.access_changed', p_account.id, p_account.version,
        jsonb_strip_nulls(jsonb_build_object(
            'account_id', p_account.id, 'change', p_change, 'name', p_name,
            'at', shared.rfc3339(shared.real_now()), 'locale', p_account.locale,
            'channel', CASE WHEN v_told THEN p_told->'channel' END,
            'sealed', CASE WHEN v_told THEN p_told->'sealed' END)),
        p_trace);
END $$;
