-- A generated serial number: the import's id and the piece's number in it, such that they sort in
-- order of their numbers.
CREATE OR REPLACE FUNCTION inventory.serial_v1(p_prefix text, p_number integer) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN p_prefix || '-' || lpad(p_number::text, 5, '0');
END $$;
