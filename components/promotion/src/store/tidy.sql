-- Ends holds that nobody committed in time, at most 200 at once, forgets ended ones after 30 days, and
-- does what every module has to do.
CREATE OR REPLACE FUNCTION promotion.tidy() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_ended uuid[];
    v_rows bigint;
BEGIN
    -- Who is just being committed or released is left alone, and looked at the next time.
    WITH due AS MATERIALIZED (
        SELECT h.reference FROM promotion.hold h
        WHERE h.state = 'held' AND h.expires_at <= v_now
        ORDER BY h.expires_at LIMIT 200
        FOR UPDATE SKIP LOCKED
    )
    SELECT array_agg(d.reference) INTO v_ended FROM due d;
    IF v_ended IS NOT NULL THEN
        UPDATE promotion.hold h SET state = 'expired', updated_at = v_now
        WHERE h.reference = ANY (v_ended);
        PERFORM promotion.give_back_v1(v_ended);
    END IF;

    DELETE FROM promotion.hold h WHERE h.reference = ANY (ARRAY(
        SELECT x.reference FROM promotion.hold x
        WHERE x.state IN ('released', 'expired') AND x.updated_at < v_now - interval '30 days'
        ORDER BY x.updated_at LIMIT 500
        FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN coalesce(cardinality(v_ended), 0) + v_rows + promotion.tidy_common(500);
END $$;
