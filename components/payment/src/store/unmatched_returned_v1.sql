-- A provider has let an attempt go and given back what was paid by it: nobody has to decide about that any
-- more. The caller holds the session.
CREATE OR REPLACE FUNCTION payment.unmatched_returned_v1(p_leg uuid, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payment.unmatched_payment u
    SET state = 'returned', reason = left(p_reason, 500), decided_at = shared.now()
    WHERE u.leg_id = p_leg AND u.state = 'open';
END $$;
