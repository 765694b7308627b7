-- What a repeated hold answers: false when it is the same one. Waits for whoever has the reference.
CREATE OR REPLACE FUNCTION promotion.held_before_v1(p_reference uuid, p_account uuid, p_uses jsonb)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_hold promotion.hold;
BEGIN
    SELECT * INTO v_hold FROM promotion.hold h WHERE h.reference = p_reference FOR UPDATE;
    IF NOT FOUND THEN
        -- Its retention ended just now.
        RAISE serialization_failure USING MESSAGE = 'the hold has gone meanwhile';
    ELSIF v_hold.state IN ('released', 'expired') THEN
        PERFORM shared.refuse('ended');
    ELSIF v_hold.account_id <> p_account OR EXISTS (
        SELECT FROM (SELECT * FROM promotion.hold_use h WHERE h.reference = p_reference) h
        FULL JOIN jsonb_to_recordset(p_uses) AS u(promotion_id uuid, amount bigint)
            ON u.promotion_id = h.promotion_id
        WHERE h.amount IS DISTINCT FROM u.amount
    ) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'something else was held for ' || p_reference;
    END IF;
    RETURN false;
END $$;
