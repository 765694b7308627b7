-- Known words that a word may be a misspelling of, five at most: those that one typing error leads to;
-- failing these, those with enough trigrams in common. Planned for each word, because a planner that does not
-- see how few spellings a word has reads the whole table.
CREATE OR REPLACE FUNCTION catalog.search_near_v1(p_word text) RETURNS text[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_near text[];
BEGIN
    IF length(p_word) NOT BETWEEN 2 AND 40 OR p_word ~ '^[0-9]+$' THEN
        RETURN '{}';
    END IF;
    WITH shared_spelling AS (
        SELECT s.word, min(CASE
                -- Two neighbours in the wrong order; little else looks like it.
                WHEN s.gap > 0 AND k.gap > 0 AND abs(s.gap - k.gap) = 1 THEN 1
                -- One letter too many, missing or wrong.
                WHEN s.gap = 0 OR k.gap = 0 OR s.gap = k.gap THEN 2
                ELSE 3 END) AS errors
        FROM catalog.spellings_v1(p_word) k JOIN catalog.search_spelling s ON s.spelling = k.spelling
        GROUP BY s.word
    ), closest AS (
        SELECT w.word FROM shared_spelling w
        WHERE w.errors = (SELECT min(x.errors) FROM shared_spelling x)
        ORDER BY shared.similarity(w.word, p_word) DESC, w.word LIMIT 5
    )
    SELECT array_agg(c.word) INTO v_near FROM closest c;
    IF v_near IS NULL THEN
        SELECT array_agg(c.word) INTO v_near FROM (
            SELECT s.word FROM catalog.search_spelling s
            WHERE s.gap = 0 AND s.word OPERATOR(shared.%) p_word
            ORDER BY shared.similarity(s.word, p_word) DESC, s.word LIMIT 5) c;
    END IF;
    RETURN coalesce(v_near, '{}');
END $$;
