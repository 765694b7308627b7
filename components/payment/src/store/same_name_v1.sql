-- Whether two ways to write a name are the same, as banks write it: without regard to case, accents, blanks
-- and punctuation.
CREATE OR REPLACE FUNCTION payment.same_name_v1(p_one text, p_other text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN regexp_replace(shared.plain(normalize(p_one, NFKC)), '[[:space:][:punct:]]', '', 'g')
         = regexp_replace(shared.plain(normalize(p_other, NFKC)), '[[:space:][:punct:]]', '', 'g');
END $$;
