-- Gives the reserved units of orders back, all or none. `{"ok": true}`, also where they were given
-- back before; `{"wrong_state": state}` of an order that was sold. An unknown order is remembered
-- as released, which refuses its reservation should that still come.
CREATE OR REPLACE FUNCTION inventory.release_v1(p_orders uuid[], p_reason text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN inventory.undo_v1(p_orders, p_reason, false);
END $$;
