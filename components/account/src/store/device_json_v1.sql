-- A device as its owner sees it; its token is for whoever sends pushes.
CREATE OR REPLACE FUNCTION account.device_json_v1(d account.device) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', d.id, 'platform', d.platform, 'name', d.name,
        'created_at', shared.rfc3339(d.created_at), 'seen_at', shared.rfc3339(d.seen_at));
END $$;
