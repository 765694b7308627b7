-- How many orders of each state a seller has, counted up to 1000 of each: `exact` says whether that
-- is all of them. Bounded: at most 1001 entries of the index are read for each state.
CREATE OR REPLACE FUNCTION "order".sales_summary_v1(p_seller uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('statuses', jsonb_agg(
                   jsonb_build_object('status', s.status, 'count', least(c.n, 1000), 'exact', c.n <= 1000)
                   ORDER BY s.place))::text
        FROM unnest(ARRAY['awaiting_confirmation', 'confirmed', 'shipped', 'delivered', 'completed',
                          'cancelled', 'refunded']) WITH ORDINALITY AS s(status, place)
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM (
                SELECT 1 FROM "order"."order" o
                WHERE o.seller_id = p_seller AND o.status = s.status LIMIT 1001) counted) c);
END $$;
