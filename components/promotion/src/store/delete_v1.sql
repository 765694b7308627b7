-- Deletes a promotion at the version given. What is held of it may still be committed or given back.
CREATE OR REPLACE FUNCTION promotion.delete_v1(
    p_account uuid, p_staff boolean, p_id uuid, p_version bigint, p_trace text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_row promotion.promotion := promotion.own_v1(p_account, p_staff, p_id, p_version);
BEGIN
    UPDATE promotion.promotion p
    SET deleted_at = shared.now(), updated_at = shared.now(), version = p.version + 1
    WHERE p.id = p_id
    RETURNING p.* INTO v_row;
    PERFORM promotion.tell_v1(v_row, p_trace);
    RETURN v_row.version;
END $$;
