-- Adds a contact; its id is `p_reference`. The first of an account becomes both defaults, whatever
-- was asked for. Without a key the reference stands in, so that a statement repeated after a lost
-- connection still counts once.
CREATE OR REPLACE FUNCTION account.add_contact_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_contact jsonb
) RETURNS TABLE (
    status integer, body text, replayed boolean, contact_id uuid, version_now bigint
)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_stored jsonb := account.idempotency_begin(p_account, v_key, p_hash, p_reference);
    v_answer jsonb;
    v_count bigint;
    v_delivery boolean;
    v_pickup boolean;
    v_contact account.contact;
    v_body text;
BEGIN
    IF v_stored IS NOT NULL THEN
        v_answer := (v_stored->>'answer')::jsonb;
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true,
            (v_answer->>'id')::uuid, (v_answer->>'version')::bigint;
        RETURN;
    END IF;
    v_count := account.lock_contacts_v1(p_account);
    IF v_count >= 20 THEN
        PERFORM shared.refuse('too_many_contacts');
    END IF;
    v_delivery := v_count = 0 OR coalesce((p_contact->>'is_default_delivery')::boolean, false);
    v_pickup := v_count = 0 OR coalesce((p_contact->>'is_default_pickup')::boolean, false);
    PERFORM account.take_defaults_v1(p_account, p_reference, v_delivery, v_pickup);
    INSERT INTO account.contact AS c (
        id, account_id, receiver, phone, address_lines, city, region, postal_code, country,
        area_codes, latitude, longitude, is_default_delivery, is_default_pickup,
        created_at, updated_at)
    VALUES (
        p_reference, p_account, p_contact->>'receiver', p_contact->>'phone',
        ARRAY(SELECT jsonb_array_elements_text(p_contact->'address_lines')),
        p_contact->>'city', p_contact->>'region', p_contact->>'postal_code', p_contact->>'country',
        ARRAY(SELECT jsonb_array_elements_text(p_contact->'area_codes')),
        (p_contact->>'latitude')::double precision, (p_contact->>'longitude')::double precision,
        v_delivery, v_pickup, v_now, v_now)
    RETURNING c.* INTO v_contact;
    v_body := account.contact_json_v1(v_contact)::text;
    PERFORM account.idempotency_end(p_account, v_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false, v_contact.id, v_contact.version;
END $$;
