-- The first three lines of an order, and how many lines and units there are in all.
CREATE OR REPLACE FUNCTION notification.lines_summary_v1(p_lines jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'lines', coalesce(jsonb_agg(jsonb_build_object(
            'product_id', line->>'product_id', 'name', line->>'name', 'quantity', line->'quantity')
            ORDER BY position) FILTER (WHERE position <= 3), '[]'),
        'line_count', count(*),
        'units', coalesce(sum((line->>'quantity')::bigint), 0))
    FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS l(line, position)
$$;
