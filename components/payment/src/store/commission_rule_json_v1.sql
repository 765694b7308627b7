-- A commission rule as the API shows it: without a category it is for the rest.
CREATE OR REPLACE FUNCTION payment.commission_rule_json_v1(r payment.commission_rule) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'category_slug', nullif(r.category_slug, ''), 'basis_points', r.basis_points,
        'updated_by', r.updated_by, 'updated_at', shared.rfc3339(r.updated_at));
END $$;
