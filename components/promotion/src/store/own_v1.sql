-- A promotion that the caller may change, locked and at the version given. Sellers have their own; the
-- platform's belong to its staff.
CREATE OR REPLACE FUNCTION promotion.own_v1(p_account uuid, p_staff boolean, p_id uuid, p_version bigint)
RETURNS promotion.promotion
LANGUAGE plpgsql AS $$
DECLARE
    v_row promotion.promotion;
BEGIN
    SELECT * INTO v_row FROM promotion.promotion p
    WHERE p.id = p_id AND p.deleted_at IS NULL AND coalesce(p.owner_id = p_account, p_staff)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM shared.refuse('not_found');
    ELSIF v_row.version <> p_version THEN
        PERFORM shared.refuse('stale_version');
    END IF;
    RETURN v_row;
END $$;
