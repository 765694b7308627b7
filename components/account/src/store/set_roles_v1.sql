-- Gives an account exactly these roles. When one is taken away, the account's sessions end: access
-- tokens would say it for another quarter of an hour.
CREATE OR REPLACE FUNCTION account.set_roles_v1(
    p_actor uuid, p_account uuid, p_roles text[], p_trace text
) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_account account.account := account.staff_acts_v1(p_actor, p_account, 'admin');
    -- In one order, each once.
    v_roles text[] := ARRAY(
        SELECT r FROM unnest('{member,moderator,admin}'::text[]) r WHERE r = ANY (p_roles));
BEGIN
    IF NOT (v_account.roles @> v_roles AND v_account.roles <@ v_roles) THEN
        UPDATE account.account a
        SET roles = v_roles, version = a.version + 1, updated_at = shared.now()
        WHERE a.id = p_account;
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        VALUES (p_actor, p_account, 'roles_changed',
                jsonb_build_object('from', to_jsonb(v_account.roles), 'to', to_jsonb(v_roles)));
        IF NOT v_account.roles <@ v_roles THEN
            PERFORM account.end_sessions_v1(p_account, NULL, 'roles_changed', p_actor, p_trace);
            PERFORM account.end_key_tokens_v1(p_account);
        END IF;
    END IF;
    RETURN QUERY SELECT r.body FROM account.roles_v1(p_account) r;
END $$;
