-- A text's words in their order: what is between signs and blanks, in lower case, without apostrophes,
-- cut after 40 letters; plain, or with the accents that they have. Not by the parser of text search, which
-- makes paths, addresses and numbers of what is none.
CREATE OR REPLACE FUNCTION catalog.search_split_v1(p_text text, p_plain boolean) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    v_text text := regexp_replace(
        translate(CASE WHEN p_plain THEN shared.plain(p_text) ELSE lower(normalize(p_text, NFC)) END, '''’', ''),
        '[^[:alnum:] ]', ' ', 'g');
BEGIN
    IF length(v_text) > 40 THEN
        v_text := regexp_replace(v_text, '([^ ]{40})[^ ]+', '\1', 'g');
    END IF;
    RETURN array_remove(string_to_array(v_text, ' '), '');
END $$;
