-- A promotion as those who may change it see it; no row for anybody else.
CREATE OR REPLACE FUNCTION promotion.promotion_v1(p_account uuid, p_staff boolean, p_id uuid)
RETURNS TABLE (version_now bigint, body text, now_at timestamp)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT p.version, promotion.promotion_json_v1(p)::text, shared.now()
    FROM promotion.promotion p
    WHERE p.id = p_id AND p.deleted_at IS NULL AND coalesce(p.owner_id = p_account, p_staff);
END $$;
