-- A suspension as the staff sees it.
CREATE OR REPLACE FUNCTION account.suspension_json_v1(a account.account) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'account_id', a.id,
        'reason', a.suspended_because,
        'until', shared.rfc3339(a.suspended_until),
        'suspended_at', shared.rfc3339(a.suspended_at),
        'suspended_by', a.suspended_by);
END $$;
