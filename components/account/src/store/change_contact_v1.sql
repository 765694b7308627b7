-- Changes a contact at the version given: the fields that `p_patch` has. What changes nothing makes
-- no new version. A default is taken from the contact that has it, whose version changes too; it
-- cannot be given up, since then nobody would have it.
CREATE OR REPLACE FUNCTION account.change_contact_v1(
    p_account uuid, p_id uuid, p_version bigint, p_patch jsonb
) RETURNS TABLE (body text, version_now bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_old account.contact;
    v_new account.contact;
BEGIN
    PERFORM account.lock_contacts_v1(p_account);
    SELECT * INTO v_old FROM account.contact c WHERE c.id = p_id AND c.account_id = p_account;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_old.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    v_new := v_old;
    v_new.receiver := coalesce(p_patch->>'receiver', v_old.receiver);
    v_new.phone := coalesce(p_patch->>'phone', v_old.phone);
    IF p_patch ? 'address_lines' THEN
        v_new.address_lines := ARRAY(SELECT jsonb_array_elements_text(p_patch->'address_lines'));
    END IF;
    v_new.city := coalesce(p_patch->>'city', v_old.city);
    v_new.country := coalesce(p_patch->>'country', v_old.country);
    IF p_patch ? 'area_codes' THEN
        v_new.area_codes := ARRAY(SELECT jsonb_array_elements_text(p_patch->'area_codes'));
    END IF;
    -- These may be absent: null takes them away.
    IF p_patch ? 'region' THEN
        v_new.region := p_patch->>'region';
    END IF;
    IF p_patch ? 'postal_code' THEN
        v_new.postal_code := p_patch->>'postal_code';
    END IF;
    IF p_patch ? 'latitude' THEN
        v_new.latitude := (p_patch->>'latitude')::double precision;
        v_new.longitude := (p_patch->>'longitude')::double precision;
    END IF;
    v_new.is_default_delivery :=
        coalesce((p_patch->>'is_default_delivery')::boolean, v_old.is_default_delivery);
    v_new.is_default_pickup :=
        coalesce((p_patch->>'is_default_pickup')::boolean, v_old.is_default_pickup);
    IF (v_old.is_default_delivery AND NOT v_new.is_default_delivery)
       OR (v_old.is_default_pickup AND NOT v_new.is_default_pickup) THEN
        PERFORM shared.refuse('default_contact');
    END IF;
    IF v_new IS DISTINCT FROM v_old THEN
        PERFORM account.take_defaults_v1(p_account, p_id,
            v_new.is_default_delivery, v_new.is_default_pickup);
        UPDATE account.contact c
        SET receiver = v_new.receiver, phone = v_new.phone, address_lines = v_new.address_lines,
            city = v_new.city, region = v_new.region, postal_code = v_new.postal_code,
            country = v_new.country, area_codes = v_new.area_codes,
            latitude = v_new.latitude, longitude = v_new.longitude,
            is_default_delivery = v_new.is_default_delivery,
            is_default_pickup = v_new.is_default_pickup,
            version = c.version + 1, updated_at = shared.now()
        WHERE c.id = p_id
        RETURNING c.* INTO v_new;
    END IF;
    RETURN QUERY SELECT account.contact_json_v1(v_new)::text, v_new.version;
END $$;
