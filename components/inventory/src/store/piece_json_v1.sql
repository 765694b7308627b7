-- A piece as the API shows it.
CREATE OR REPLACE FUNCTION inventory.piece_json_v1(p_piece inventory.serial) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'serial', p_piece.serial,
        'state', p_piece.state,
        'warehouse_id', p_piece.warehouse_id,
        'order_id', p_piece.order_id,
        'changed_at', shared.rfc3339(p_piece.changed_at));
END $$;
