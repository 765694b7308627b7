-- How long an event waits before it is handed to a consumer for which it is only the net under a call
-- that the publisher makes itself: nearly always it finds the work done, and is in nobody's way.
ALTER TABLE shared.subscription ADD COLUMN delay interval NOT NULL DEFAULT interval '0';
