-- Takes an account's name from its events, the newest by sequence. The name stands in the pages of
-- the seller's products, so that a new one is a new version of each listed one.
CREATE OR REPLACE FUNCTION catalog.seller_named_v1(p_id uuid, p_name text, p_sequence bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_before text;
BEGIN
    SELECT s.name INTO v_before FROM catalog.seller s WHERE s.id = p_id FOR NO KEY UPDATE;
    INSERT INTO catalog.seller AS s (id, name, sequence) VALUES (p_id, p_name, p_sequence)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, sequence = EXCLUDED.sequence
    WHERE s.sequence < EXCLUDED.sequence;
    IF FOUND AND v_before IS DISTINCT FROM p_name THEN
        PERFORM catalog.renew_pages_v1(ARRAY(
            SELECT p.id FROM catalog.product p
            WHERE p.seller_id = p_id AND p.status = 'active' AND p.deleted_at IS NULL
            ORDER BY p.id FOR NO KEY UPDATE));
    END IF;
END $$;
