-- Removes a category's rule: the next one above counts from now on. Whether there was one.
CREATE OR REPLACE FUNCTION payment.delete_commission_rule_v1(p_slug text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM payment.commission_rule r WHERE r.category_slug = p_slug AND p_slug <> '';
    RETURN FOUND;
END $$;
