-- A text as orders are searched by: plain words, one space between them. Punctuation separates, so
-- that `ABC-12` is found by `abc 12` and the other way round, and nothing that a searcher types is
-- a wildcard of LIKE.
CREATE OR REPLACE FUNCTION "order".search_form_v1(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    RETURN btrim(regexp_replace(shared.plain(p_text), '[[:space:]!-/:-@\[-`{-~]+', ' ', 'g'));
END $$;
