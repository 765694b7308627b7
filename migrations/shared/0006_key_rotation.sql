-- Keys that sign access tokens are replaced while tokens of the old one are still good. A new one is
-- published first and signs from `signs_from` on, when every module has seen it. `retired_at` may lie
-- ahead: it is when the last token that the key has signed is over.
ALTER TABLE shared.signing_key
    ADD COLUMN signs_from timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc');
