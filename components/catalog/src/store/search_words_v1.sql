-- The words of a product. `head`: plain and as they are written, those of its name (weight A) and of its
-- category's name (B). `words`: all of them, plain. Of a description the first 1000 characters count: what
-- comes later hardly says what it is, and the row stays small enough to be kept in one piece.
CREATE OR REPLACE FUNCTION catalog.search_words_v1(
    p_name text, p_category text, p_description text, OUT head tsvector, OUT words tsvector
)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_name text[] := catalog.search_split_v1(p_name, true);
    v_category text[] := catalog.search_split_v1(p_category, true);
BEGIN
    -- A word that is written plain counts once.
    head := (
        SELECT coalesce(string_agg(format('''%s'':%s%s', h.word, h.place, h.weight), ' '), '') FROM (
            SELECT n.word, n.place, 'A' AS weight FROM unnest(v_name) WITH ORDINALITY AS n(word, place)
            UNION
            SELECT n.word, n.place, 'A'
            FROM unnest(catalog.search_split_v1(p_name, false)) WITH ORDINALITY AS n(word, place)
            UNION
            SELECT c.word, 1000 + c.place, 'B' FROM unnest(v_category) WITH ORDINALITY AS c(word, place)
            UNION
            SELECT c.word, 1000 + c.place, 'B'
            FROM unnest(catalog.search_split_v1(p_category, false)) WITH ORDINALITY AS c(word, place)) h);
    words := array_to_tsvector(v_name || v_category || catalog.search_split_v1(left(p_description, 1000), true));
END $$;
