-- What an account does not want to be told, from now on. When that is a change, whoever tells hears of it.
CREATE OR REPLACE FUNCTION account.put_preferences_v1(p_account uuid, p_off text[], p_trace text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_version bigint;
BEGIN
    PERFORM account.hold_account_v1(p_account);
    INSERT INTO account.notification_preference AS n (account_id, switched_off)
    SELECT p_account, p_off
    WHERE p_off <> '{}'
       OR EXISTS (SELECT FROM account.notification_preference x WHERE x.account_id = p_account)
    ON CONFLICT (account_id) DO UPDATE SET switched_off = p_off, version = n.version + 1
        WHERE n.switched_off <> p_off
    RETURNING n.version INTO v_version;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM account.publish('account.notification_preferences_changed', p_account, v_version,
        jsonb_build_object('account_id', p_account, 'switched_off', to_jsonb(p_off)), p_trace);
    RETURN true;
END $$;
