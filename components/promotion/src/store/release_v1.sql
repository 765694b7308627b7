-- Gives the uses of a reference back, held or committed; true when it did. An unknown one is remembered
-- as released, which refuses its hold should that still come.
CREATE OR REPLACE FUNCTION promotion.release_v1(p_reference uuid) RETURNS boolean
LANGUAGE plpgsql
-- See `hold_v1`.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_state text;
BEGIN
    INSERT INTO promotion.hold (reference, state, created_at, updated_at)
    VALUES (p_reference, 'released', v_now, v_now)
    ON CONFLICT (reference) DO NOTHING;
    IF FOUND THEN
        RETURN false;
    END IF;
    SELECT h.state INTO v_state FROM promotion.hold h WHERE h.reference = p_reference FOR UPDATE;
    IF v_state IS NULL OR v_state = 'released' THEN
        RETURN false;
    END IF;
    UPDATE promotion.hold h SET state = 'released', updated_at = v_now WHERE h.reference = p_reference;
    IF v_state = 'expired' THEN
        -- Given back already; released, it is not taken again by an event that comes late.
        RETURN false;
    END IF;
    PERFORM promotion.give_back_v1(ARRAY[p_reference]);
    RETURN true;
END $$;
