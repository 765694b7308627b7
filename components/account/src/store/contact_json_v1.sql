-- An entry of an address book as its owner sees it.
CREATE OR REPLACE FUNCTION account.contact_json_v1(c account.contact) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', c.id,
        'receiver', c.receiver,
        'phone', c.phone,
        'address_lines', to_jsonb(c.address_lines),
        'city', c.city,
        'region', c.region,
        'postal_code', c.postal_code,
        'country', c.country::text,
        'area_codes', to_jsonb(c.area_codes),
        'latitude', c.latitude,
        'longitude', c.longitude,
        'is_default_delivery', c.is_default_delivery,
        'is_default_pickup', c.is_default_pickup,
        'version', c.version,
        'created_at', shared.rfc3339(c.created_at),
        'updated_at', shared.rfc3339(c.updated_at))
$$;
