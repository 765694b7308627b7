-- Makes held uses final; true when it did, false when there was nothing to do, also for a reference
-- that holds nothing. A hold that lapsed is taken again where there is enough left, and refused with
-- `gone` where there is not; one that was given back is refused with `ended`.
CREATE OR REPLACE FUNCTION promotion.commit_v1(p_reference uuid) RETURNS boolean
LANGUAGE plpgsql
-- See `hold_v1`.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_hold promotion.hold;
BEGIN
    SELECT * INTO v_hold FROM promotion.hold h WHERE h.reference = p_reference FOR UPDATE;
    IF NOT FOUND OR v_hold.state = 'committed' THEN
        RETURN false;
    ELSIF v_hold.state = 'released' THEN
        PERFORM shared.refuse('ended');
    ELSIF v_hold.state = 'expired' THEN
        PERFORM promotion.take_v1(v_hold.account_id, NULL, (
            SELECT coalesce(jsonb_agg(jsonb_build_object('promotion_id', x.promotion_id, 'amount', x.amount)), '[]')
            FROM promotion.hold_use x WHERE x.reference = p_reference), true);
    END IF;
    UPDATE promotion.hold h SET state = 'committed', updated_at = shared.now()
    WHERE h.reference = p_reference;
    UPDATE promotion.hold_use x SET held = false WHERE x.reference = p_reference AND x.held;
    RETURN true;
END $$;
