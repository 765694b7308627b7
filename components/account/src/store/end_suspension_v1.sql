-- Ends the suspension of an account, which is locked: by somebody of the staff, or, with NULL, because its
-- time has come. Whoever has hidden what is its own shows it again.
CREATE OR REPLACE FUNCTION account.end_suspension_v1(
    p_actor uuid, p_account account.account, p_trace text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_version bigint;
BEGIN
    UPDATE account.account a
    SET status = 'active', suspended_at = NULL, suspended_until = NULL, suspended_because = NULL,
        suspended_by = NULL, version = a.version + 1, updated_at = shared.now()
    WHERE a.id = p_account.id RETURNING a.version INTO v_version;
    INSERT INTO account.audit (actor_id, account_id, action)
    VALUES (p_actor, p_account.id, 'suspension_ended');
    PERFORM account.publish('account.reinstated', p_account.id, v_version,
        jsonb_build_object('account_id', p_account.id), p_trace);
END $$;
