-- Text search without accents and with typing errors. Both extensions are trusted: the owner of the
-- database may make them.
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA shared;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA shared;
