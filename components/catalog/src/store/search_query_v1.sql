-- What words ask for; NULL without a word. The last word, unless it is a whole word of some name or
-- category, is taken for the beginning of one: it is still being typed. Any word may be a plural or not.
-- `exact` is NULL where the last word is no whole one; what was typed without accents may have any there.
-- p_similar, for when nothing was found: unknown words may also be those that they are near to, the last
-- word is the beginning of one in any case, and nothing is exact. NULL when nothing changes by that.
CREATE OR REPLACE FUNCTION catalog.search_query_v1(p_words text[], p_similar boolean)
RETURNS catalog.search_query
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_text text := array_to_string(p_words, ' ');
    v_words text[] := catalog.search_split_v1(v_text, true);
    -- In quotes it is a word for a query too; there are no quotes in words.
    v_typed text[] := ARRAY(SELECT format('''%s''', w) FROM unnest(catalog.search_split_v1(v_text, false)) w);
    v_word text;
    v_other text;
    v_last boolean;
    v_known boolean;
    v_ways text[];
    v_every text[] := '{}';
    v_any text[] := v_typed;
    v_changed boolean := NOT p_similar;
    v_query catalog.search_query;
BEGIN
    FOR v_place IN 1..cardinality(v_words) LOOP
        v_word := v_words[v_place];
        v_last := v_place = cardinality(v_words);
        v_known := catalog.search_knows_v1(v_word);
        v_ways := ARRAY[v_word];
        v_other := CASE WHEN v_word ~ '[^s]s$' THEN left(v_word, -1) ELSE v_word || 's' END;
        IF least(length(v_word), length(v_other)) >= 3 AND catalog.search_knows_v1(v_other) THEN
            v_ways := v_ways || v_other;
        END IF;
        IF p_similar AND NOT v_known THEN
            v_ways := v_ways || catalog.search_near_v1(v_word);
            v_changed := v_changed OR cardinality(v_ways) > 1;
        END IF;
        v_ways := ARRAY(SELECT format('''%s''', w) FROM unnest(v_ways) w);
        v_any := v_any || v_ways;
        IF v_last AND (p_similar OR NOT v_known) THEN
            v_ways[1] := v_ways[1] || ':*';
            v_changed := v_changed OR v_known;
        END IF;
        v_every := v_every || format('(%s)', array_to_string(v_ways, '|'));
    END LOOP;
    IF NOT v_changed OR cardinality(v_every) = 0 THEN
        RETURN NULL;
    END IF;
    v_query.every_one := array_to_string(v_every, '&')::tsquery;
    v_query.any_of := array_to_string(v_any || v_ways, '|')::tsquery;
    IF v_known AND NOT p_similar THEN
        v_query.exact := array_to_string(v_typed, '&')::tsquery;
    END IF;
    RETURN v_query;
END $$;
