-- What the platform keeps of goods, `[{"amount", "category_path"}]`: of each what the first rule says on
-- the way from its category up to the root, rounded half to even.
CREATE OR REPLACE FUNCTION payment.commission_v1(p_goods jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(payment.share_v1(g.amount, r.basis_points, 10000)), 0)
        FROM jsonb_to_recordset(p_goods) AS g(amount bigint, category_path text)
        CROSS JOIN LATERAL (
            SELECT c.basis_points
            FROM (SELECT '' AS slug, 0 AS depth
                  UNION ALL
                  SELECT s.slug, s.depth
                  FROM unnest(string_to_array(g.category_path, '/')) WITH ORDINALITY AS s(slug, depth)) p
            JOIN payment.commission_rule c ON c.category_slug = p.slug
            ORDER BY p.depth DESC LIMIT 1) r);
END $$;
