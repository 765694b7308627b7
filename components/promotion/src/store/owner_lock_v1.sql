-- Holds an owner's promotions (NULL: the platform's) for one request that adds to them.
CREATE OR REPLACE FUNCTION promotion.owner_lock_v1(p_owner uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('promotion.owner' || coalesce(p_owner::text, ''), 0));
END $$;
