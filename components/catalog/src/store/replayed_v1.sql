-- The answer that was given for an Idempotency-Key before, with the product and the version
-- that it was of.
CREATE OR REPLACE FUNCTION catalog.replayed_v1(p_stored jsonb)
RETURNS TABLE (status integer, body text, replayed boolean, version_now bigint, product uuid)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT (p_stored->>'status')::int, p_stored->>'answer', true,
        ((p_stored->>'answer')::jsonb->>'version')::bigint, ((p_stored->>'answer')::jsonb->>'id')::uuid;
END $$;
