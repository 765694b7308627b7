-- The key of the advisory lock between follows and listings. One for all sellers: a batch of
-- events takes many, and one key cannot deadlock.
CREATE OR REPLACE FUNCTION notification.listing_lock_v1() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtextextended('notification: follows and listings', 0)
$$;
