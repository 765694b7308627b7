-- What a seller may do with pieces by hand, by how much that changes what is on hand, and as what it
-- stands in the ledger. The same table stands in domain/piece.rs, and a unit test holds them together.
CREATE OR REPLACE FUNCTION inventory.piece_moves_v1()
RETURNS TABLE (from_state text, to_state text, on_hand_delta integer, kind text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('available', 'reserved', -1, 'adjust'),
        ('available', 'damaged', -1, 'adjust'),
        ('reserved', 'available', 1, 'adjust'),
        ('reserved', 'damaged', 0, NULL),
        ('sold', 'returned', 0, NULL),
        ('returned', 'available', 1, 'return'),
        ('returned', 'reserved', 0, NULL),
        ('returned', 'damaged', 0, NULL),
        ('damaged', 'available', 1, 'adjust'),
        ('damaged', 'reserved', 0, NULL)
$$;
