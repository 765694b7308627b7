-- A refund for who gets it, or for staff. NULL: there is none for them.
CREATE OR REPLACE FUNCTION payment.refund_for_v1(p_caller uuid, p_staff boolean, p_id uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT payment.refund_view_v1(r)::text FROM payment.refund r
            WHERE r.id = p_id AND (p_staff OR r.payer_id = p_caller));
END $$;
