-- Refuses a request because of one of its fields: 422 `validation_failed` that points there.
CREATE OR REPLACE FUNCTION inventory.refuse_field_v1(p_pointer text, p_code text, p_detail text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM shared.refuse('validation_failed', jsonb_build_object('errors', jsonb_build_array(
        jsonb_build_object('pointer', p_pointer, 'code', p_code, 'detail', p_detail))));
END $$;
