-- A withdrawal for whose it is, or for staff. NULL: there is none for them.
CREATE OR REPLACE FUNCTION payment.withdrawal_v1(p_caller uuid, p_staff boolean, p_id uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT payment.withdrawal_json_v1(w, p_staff)::text FROM payment.withdrawal w
            WHERE w.id = p_id AND (p_staff OR w.account_id = p_caller));
END $$;
