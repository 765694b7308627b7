-- What an order is found by: names and codes of its lines, `[{"name", "sku"}]`, each once. It
-- begins with a space, as every word in it does.
CREATE OR REPLACE FUNCTION "order".search_text_v1(p_lines jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT coalesce(' ' || string_agg(t.form, ' ' ORDER BY t.form), '')
        FROM (SELECT DISTINCT "order".search_form_v1(w.word) AS form
              FROM jsonb_to_recordset(p_lines) AS l(name text, sku text)
              CROSS JOIN LATERAL (VALUES (l.name), (l.sku)) AS w(word)) t
        WHERE t.form <> '');
END $$;
