-- Sets what the platform keeps of a category, or of the rest where `p_slug` is NULL. Sessions keep the
-- rates that they were opened with. Refuses with `commission_rule_limit`.
CREATE OR REPLACE FUNCTION payment.put_commission_rule_v1(p_admin uuid, p_slug text, p_basis_points integer)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_row payment.commission_rule;
BEGIN
    UPDATE payment.commission_rule r
    SET basis_points = p_basis_points, updated_by = p_admin, updated_at = shared.now()
    WHERE r.category_slug = coalesce(p_slug, '')
    RETURNING r.* INTO v_row;
    IF NOT FOUND THEN
        IF 1000 <= (SELECT count(*) FROM payment.commission_rule) THEN
            PERFORM shared.refuse('commission_rule_limit');
        END IF;
        INSERT INTO payment.commission_rule AS r (category_slug, basis_points, updated_by, updated_at)
        VALUES (coalesce(p_slug, ''), p_basis_points, p_admin, shared.now())
        ON CONFLICT (category_slug) DO UPDATE
        SET basis_points = excluded.basis_points, updated_by = excluded.updated_by, updated_at = excluded.updated_at
        RETURNING r.* INTO v_row;
    END IF;
    RETURN payment.commission_rule_json_v1(v_row)::text;
END $$;
