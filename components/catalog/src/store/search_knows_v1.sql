-- Whether a plain word is one of some name or category.
CREATE OR REPLACE FUNCTION catalog.search_knows_v1(p_word text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM catalog.search_spelling s WHERE s.spelling = p_word AND s.word = p_word);
END $$;
