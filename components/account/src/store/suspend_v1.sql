-- Suspends an account until a time, or for good: its sessions end, and it signs in no more. A suspended
-- one gets the new reason and end. A repetition changes nothing and tells nobody.
CREATE OR REPLACE FUNCTION account.suspend_v1(
    p_actor uuid, p_account uuid, p_reason text, p_until text, p_trace text
) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.staff_acts_v1(p_actor, p_account, 'moderator');
    v_until timestamp := p_until::timestamp;
BEGIN
    IF NOT account.is_suspended_v1(v_account)
       OR v_account.suspended_because IS DISTINCT FROM p_reason
       OR v_account.suspended_until IS DISTINCT FROM v_until THEN
        UPDATE account.account a
        SET status = 'suspended', suspended_at = shared.real_now(), suspended_until = v_until,
            suspended_because = p_reason, suspended_by = p_actor,
            version = a.version + 1, updated_at = shared.now()
        WHERE a.id = p_account RETURNING a.* INTO v_account;
        PERFORM account.end_sessions_v1(p_account, NULL, 'suspended', p_actor, p_trace);
        PERFORM account.end_key_tokens_v1(p_account);
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        VALUES (p_actor, p_account, 'suspended', jsonb_build_object(
            'reason', p_reason, 'until', shared.rfc3339(v_until)));
        PERFORM account.publish('account.suspended', p_account, v_account.version,
            jsonb_strip_nulls(jsonb_build_object(
                'account_id', p_account, 'reason', p_reason, 'until', shared.rfc3339(v_until))),
            p_trace);
    END IF;
    RETURN QUERY SELECT account.suspension_json_v1(v_account)::text;
END $$;
