-- Keeps the display name of an account; an event older than what is known changes nothing.
CREATE OR REPLACE FUNCTION notification.on_person_v1(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification.person (id, name, sequence)
    VALUES ((p_event->'data'->>'account_id')::uuid, p_event->'data'->>'name',
            (p_event->>'sequence')::bigint)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, sequence = EXCLUDED.sequence
    WHERE person.sequence < EXCLUDED.sequence AND NOT person.erased;
END $$;
