-- Publishes that a promotion was made, changed or deleted.
CREATE OR REPLACE FUNCTION promotion.tell_v1(p_row promotion.promotion, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM promotion.publish('promotion.changed', p_row.id, p_row.version, jsonb_build_object(
        'promotion_id', p_row.id, 'owner_id', p_row.owner_id, 'title', p_row.title,
        'enabled', p_row.enabled AND p_row.deleted_at IS NULL), p_trace);
END $$;
