-- Forgets words that no listed product's name or category has any more, of those on some page of the
-- table. Whoever comes back with one makes it known again.
CREATE OR REPLACE FUNCTION catalog.search_forget_v1() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_percent float8 := least(100, 100 * 8192.0 / (1 + pg_relation_size('catalog.search_spelling')));
    v_rows bigint;
BEGIN
    WITH gone AS (
        SELECT s.word FROM catalog.search_spelling s TABLESAMPLE SYSTEM (v_percent)
        WHERE s.gap = 0 AND NOT EXISTS (
            SELECT 1 FROM catalog.search_document d
            WHERE d.listed AND d.head @@ format('''%s''', s.word)::tsquery)
    )
    DELETE FROM catalog.search_spelling s
    USING gone w CROSS JOIN LATERAL catalog.spellings_v1(w.word) AS k
    WHERE s.spelling = k.spelling AND s.word = w.word;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
