-- Changes a promotion at the version given to what `p_new` says in whole. What changes nothing makes no
-- new version. Below what is used already no limit can be set: `limit_used`.
CREATE OR REPLACE FUNCTION promotion.change_v1(
    p_account uuid, p_staff boolean, p_id uuid, p_version bigint, p_trace text, p_new jsonb
) RETURNS TABLE (version_now bigint, body text, now_at timestamp)
LANGUAGE plpgsql AS $$
DECLARE
    v_owner uuid;
    v_old promotion.promotion;
    v_new promotion.promotion;
BEGIN
    -- The owner's lock before the row's, as in `create_v1`; an owner never changes.
    SELECT p.owner_id INTO v_owner FROM promotion.promotion p WHERE p.id = p_id;
    PERFORM promotion.owner_lock_v1(v_owner);
    v_old := promotion.own_v1(p_account, p_staff, p_id, p_version);
    v_new := promotion.row_v1(v_old, p_new);
    IF v_new IS DISTINCT FROM v_old THEN
        IF v_new.budget < v_new.used_amount OR v_new.usage_limit < v_new.used_uses THEN
            PERFORM shared.refuse('limit_used', jsonb_build_object(
                'used_uses', v_new.used_uses, 'used_amount', shared.money(v_new.used_amount, v_new.currency)));
        END IF;
        PERFORM promotion.check_automatic_v1(v_new);
        BEGIN
            UPDATE promotion.promotion p
            SET title = v_new.title, description = v_new.description, enabled = v_new.enabled,
                code = v_new.code, group_name = v_new.group_name, group_position = v_new.group_position,
                exclusive = v_new.exclusive, priority = v_new.priority, rule = v_new.rule,
                scope = v_new.scope, conditions = v_new.conditions, starts_at = v_new.starts_at,
                ends_at = v_new.ends_at, recurrence = v_new.recurrence, budget = v_new.budget,
                usage_limit = v_new.usage_limit,
                usage_limit_per_account = v_new.usage_limit_per_account,
                exhausted_told = p.exhausted_told AND promotion.spent_v1(v_new),
                version = p.version + 1, updated_at = shared.now()
            WHERE p.id = p_id
            RETURNING p.* INTO v_new;
        EXCEPTION WHEN unique_violation THEN
            PERFORM shared.refuse('code_taken', jsonb_build_object('promotion_code', v_new.code));
        END;
        PERFORM promotion.tell_v1(v_new, p_trace);
    END IF;
    RETURN QUERY SELECT v_new.version, promotion.promotion_json_v1(v_new)::text, shared.now();
END $$;
