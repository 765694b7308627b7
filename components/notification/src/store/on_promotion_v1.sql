-- Tells the owner of a promotion that it is used up. The platform's own have nobody to tell.
CREATE OR REPLACE FUNCTION notification.on_promotion_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_data jsonb := p_event->'data';
    v_promotion uuid := (v_data->>'promotion_id')::uuid;
    v_owner uuid := (v_data->>'owner_id')::uuid;
BEGIN
    IF v_promotion IS NULL THEN
        RAISE not_null_violation USING MESSAGE = 'promotion_id is missing';
    END IF;
    IF v_owner IS NOT NULL THEN
        PERFORM notification.notify_v1(p_event, v_owner, 'owner',
            jsonb_build_object('promotion_id', v_promotion, 'title', v_data->>'title'));
    END IF;
END $$;
