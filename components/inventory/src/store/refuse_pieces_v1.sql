-- Refuses a change of pieces because of these, if there are any, and shows the first hundred.
CREATE OR REPLACE FUNCTION inventory.refuse_pieces_v1(p_pieces inventory.serial[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(p_pieces) > 0 THEN
        PERFORM shared.refuse('wrong_pieces', jsonb_build_object('pieces', (
            SELECT jsonb_agg(inventory.piece_json_v1(p) ORDER BY p.serial) FROM unnest(p_pieces[:100]) p)));
    END IF;
END $$;
