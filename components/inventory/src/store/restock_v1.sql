-- Puts the units of cancelled orders back on the shelf, sold or still reserved. `{"ok": true}`,
-- also where that was done before. An unknown order is remembered as in `release_v1`.
CREATE OR REPLACE FUNCTION inventory.restock_v1(p_orders uuid[], p_reason text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN inventory.undo_v1(p_orders, p_reason, true);
END $$;
