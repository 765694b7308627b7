-- All commission rules, the one for the rest first.
CREATE OR REPLACE FUNCTION payment.commission_rules_v1() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(payment.commission_rule_json_v1(r) ORDER BY r.category_slug), '[]')::text
            FROM payment.commission_rule r);
END $$;
