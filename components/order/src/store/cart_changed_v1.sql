-- Ends a write to a cart whose row the caller holds: the version and the time, if anything changed.
-- Answers `{"version", "line_count", "units"}`.
CREATE OR REPLACE FUNCTION "order".cart_changed_v1(p_cart uuid, p_changed boolean) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    IF p_changed THEN
        UPDATE "order".cart c SET version = c.version + 1, changed_at = shared.now() WHERE c.id = p_cart;
    END IF;
    RETURN (
        SELECT jsonb_build_object(
            'version', c.version,
            'line_count', (SELECT count(*) FROM "order".cart_line l WHERE l.cart_id = c.id),
            'units', (SELECT coalesce(sum(l.quantity), 0) FROM "order".cart_line l WHERE l.cart_id = c.id))
        FROM "order".cart c WHERE c.id = p_cart)::text;
END $$;
