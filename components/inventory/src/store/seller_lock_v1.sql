-- A seller's lock, which comes before any row: held together by those who put goods on shelves, and
-- alone by who changes what the shelves and their goods are. Reservations do without.
CREATE OR REPLACE FUNCTION inventory.seller_lock_v1(p_seller uuid, p_alone boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_alone THEN
        PERFORM pg_advisory_xact_lock(hashtext('inventory.seller'), hashtext(p_seller::text));
    ELSE
        PERFORM pg_advisory_xact_lock_shared(hashtext('inventory.seller'), hashtext(p_seller::text));
    END IF;
END $$;
