-- Sets what is due to a leg's payer off against what the leg's provider took back, as far as that goes: by
-- their bank they have it already. Answers how much, which the caller posts to `chargebacks` instead of the
-- wallet.
CREATE OR REPLACE FUNCTION payment.cover_v1(p_leg uuid, p_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_covered bigint;
BEGIN
    SELECT least(p_amount, l.charged_back - l.covered) INTO STRICT v_covered
    FROM payment.leg l WHERE l.id = p_leg FOR UPDATE;
    IF v_covered > 0 THEN
        UPDATE payment.leg l SET covered = l.covered + v_covered, updated_at = shared.now() WHERE l.id = p_leg;
    END IF;
    RETURN v_covered;
END $$;
