-- Keeps what an account does not want to be told; older news than what is known changes nothing, and of an
-- account that is erased nothing is kept.
CREATE OR REPLACE FUNCTION notification.on_preferences_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM notification.person p
               WHERE p.id = (p_event->'data'->>'account_id')::uuid AND p.erased) THEN
        RETURN;
    END IF;
    INSERT INTO notification.preference AS x (account_id, switched_off, sequence)
    VALUES ((p_event->'data'->>'account_id')::uuid,
            ARRAY(SELECT jsonb_array_elements_text(p_event->'data'->'switched_off')),
            (p_event->>'sequence')::bigint)
    ON CONFLICT (account_id) DO UPDATE
        SET switched_off = EXCLUDED.switched_off, sequence = EXCLUDED.sequence
        WHERE x.sequence < EXCLUDED.sequence;
END $$;
