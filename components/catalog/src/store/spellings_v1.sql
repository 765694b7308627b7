-- A word, and what is left of it without one of its letters: `gap` says which, 0 for the whole. Two words
-- with one typing error between them have one of these in common.
CREATE OR REPLACE FUNCTION catalog.spellings_v1(p_word text) RETURNS TABLE (spelling text, gap integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN g = 0 THEN p_word ELSE overlay(p_word PLACING '' FROM g FOR 1) END, g
    FROM generate_series(0, length(p_word)) AS g
$$;
