-- Refuses one more automatic promotion where its owner has many: every basket with the owner's goods
-- is priced with all of them. The caller holds the owner's lock.
CREATE OR REPLACE FUNCTION promotion.check_automatic_v1(p_row promotion.promotion) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_most integer := CASE WHEN p_row.owner_id IS NULL THEN 200 ELSE 50 END;
    v_now timestamp := shared.now();
    v_others bigint;
BEGIN
    IF p_row.code IS NOT NULL OR NOT p_row.enabled OR p_row.ends_at <= v_now THEN
        RETURN;
    END IF;
    SELECT count(*) INTO v_others FROM (
        SELECT p.id FROM promotion.promotion p
        WHERE p.owner_id = p_row.owner_id AND p.code IS NULL AND p.enabled AND p.deleted_at IS NULL
          AND coalesce(p.ends_at, 'infinity'::timestamp) > v_now
        UNION ALL
        SELECT p.id FROM promotion.promotion p
        WHERE p_row.owner_id IS NULL AND p.owner_id IS NULL
          AND p.code IS NULL AND p.enabled AND p.deleted_at IS NULL
          AND coalesce(p.ends_at, 'infinity'::timestamp) > v_now
    ) x WHERE x.id <> p_row.id;
    IF v_others >= v_most THEN
        PERFORM shared.refuse('automatic_limit', jsonb_build_object('limit', v_most));
    END IF;
END $$;
