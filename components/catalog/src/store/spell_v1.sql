-- Makes plain words of names and categories known, with their spellings; not numbers, whose neighbours
-- are other numbers and not mistakes. In order, so that two who do it at once wait in one direction only.
CREATE OR REPLACE FUNCTION catalog.spell_v1(p_words text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog.search_spelling (spelling, word, gap)
    SELECT DISTINCT ON (k.spelling, w.word) k.spelling, w.word, k.gap
    FROM unnest(p_words) AS w(word) CROSS JOIN LATERAL catalog.spellings_v1(w.word) AS k
    WHERE length(w.word) BETWEEN 2 AND 40 AND w.word !~ '^[0-9]+$' AND w.word = shared.plain(w.word)
      AND NOT EXISTS (SELECT 1 FROM catalog.search_spelling s WHERE s.spelling = w.word AND s.word = w.word)
    ORDER BY k.spelling, w.word, k.gap
    ON CONFLICT DO NOTHING;
END $$;
