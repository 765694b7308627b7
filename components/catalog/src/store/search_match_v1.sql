-- Which words have to be where, as a condition on `d`, a row of `search_document`, in a statement whose $1
-- is the query. 'exact': name and category hold all words exactly; 'inexact': they hold all, but not so;
-- 'rest': the description has to help; 'all': any of these. No two of the first three hold for one product.
-- NULL is no words.
CREATE OR REPLACE FUNCTION catalog.search_match_v1(p_part text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_part
        -- `IS TRUE` keeps the index out of it: what matches exactly hardly ever fails to match at all.
        WHEN 'exact' THEN 'd.head @@ ($1).exact AND (d.head @@ ($1).every_one) IS TRUE'
        WHEN 'inexact' THEN 'd.head @@ ($1).every_one AND (d.head @@ ($1).exact) IS NOT TRUE'
        WHEN 'rest' THEN 'd.words @@ ($1).every_one AND NOT d.head @@ ($1).every_one'
        WHEN 'all' THEN 'd.words @@ ($1).every_one'
        ELSE 'true' END
$$;
