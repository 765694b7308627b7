-- A seller's balances, by variant, the variants made last first.
CREATE OR REPLACE FUNCTION inventory.balances_page_v1(p_seller uuid, p_after uuid, p_limit integer)
RETURNS TABLE (items text, next_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_variants uuid[];
BEGIN
    v_variants := ARRAY(
        SELECT DISTINCT s.variant_id FROM inventory.stock s
        WHERE s.seller_id = p_seller
          AND s.variant_id < coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
        ORDER BY s.variant_id DESC
        LIMIT p_limit + 1);
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(inventory.balance_v1(p_seller, v.id) ORDER BY v.n), '[]')::text
         FROM unnest(v_variants[:p_limit]) WITH ORDINALITY AS v(id, n)),
        CASE WHEN cardinality(v_variants) > p_limit THEN v_variants[p_limit] END;
END $$;
