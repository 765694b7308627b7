-- A text as it is searched by: in lower case, without accents, đ as d. Immutable, so that it can stand
-- in an index: the dictionary is named and part of the installation.
CREATE OR REPLACE FUNCTION shared.plain(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT lower(shared.unaccent('shared.unaccent'::regdictionary, p_text))
$$;
