-- Locks an order's session, if it has one, and its escrow, in the order of all who lock both. NULL where
-- there is no escrow.
CREATE OR REPLACE FUNCTION payment.hold_escrow_v1(p_order uuid) RETURNS payment.escrow
LANGUAGE plpgsql AS $$
DECLARE
    e payment.escrow;
BEGIN
    PERFORM 1 FROM payment.session s
    WHERE s.id = (SELECT x.session_id FROM payment.escrow x WHERE x.order_id = p_order)
    FOR UPDATE;
    SELECT * INTO e FROM payment.escrow x WHERE x.order_id = p_order FOR UPDATE;
    RETURN e;
END $$;
