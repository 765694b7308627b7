-- What a seller has of variants, by variant.
CREATE OR REPLACE FUNCTION inventory.balances_v1(p_seller uuid, p_variants uuid[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT jsonb_agg(inventory.balance_v1(p_seller, v) ORDER BY v) FROM unnest(p_variants) v);
END $$;
