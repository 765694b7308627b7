-- This module consumes nothing.
CREATE OR REPLACE FUNCTION "order".on_event(p_event jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE feature_not_supported USING MESSAGE = 'order does not consume ' || coalesce(p_event->>'kind', 'this');
END $$;
