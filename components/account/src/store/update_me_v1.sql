-- Changes a profile at the version given; NULL leaves a field as it is. What changes nothing makes
-- no new version.
CREATE OR REPLACE FUNCTION account.update_me_v1(
    p_account uuid, p_version bigint, p_trace text,
    p_name text, p_bio text, p_country text, p_locale text
) RETURNS TABLE (body text, version_now bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_old account.account;
    v_new account.account;
BEGIN
    v_old := account.hold_account_v1(p_account);
    IF v_old.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    v_new := v_old;
    v_new.name := coalesce(p_name, v_old.name);
    v_new.bio := coalesce(p_bio, v_old.bio);
    v_new.country := coalesce(p_country, v_old.country);
    v_new.locale := coalesce(p_locale, v_old.locale);
    IF v_new IS DISTINCT FROM v_old THEN
        UPDATE account.account a
        SET name = v_new.name, bio = v_new.bio, country = v_new.country, locale = v_new.locale,
            version = a.version + 1, updated_at = shared.now()
        WHERE a.id = p_account
        RETURNING a.* INTO v_new;
    END IF;
    -- Only what others keep a copy of is worth telling.
    IF v_new.name <> v_old.name OR v_new.locale <> v_old.locale THEN
        PERFORM account.publish('account.profile_updated', v_new.id, v_new.version,
            jsonb_build_object('account_id', v_new.id, 'name', v_new.name, 'locale', v_new.locale),
            p_trace);
    END IF;
    RETURN QUERY SELECT account.self_json_v1(v_new)::text, v_new.version;
END $$;
