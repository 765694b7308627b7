-- Holds the lines of an import (`p_arriving`) or a transfer against what is tracked by serial number:
-- tracked goods arrive with numbers, other goods have none. The caller holds the stock.
CREATE OR REPLACE FUNCTION inventory.check_pieces_v1(p_seller uuid, p_lines jsonb, p_arriving boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_errors jsonb;
    v_pieces bigint;
BEGIN
    WITH line AS (
        SELECT e.n - 1 AS n, coalesce(i.serial_tracked, false) AS tracked, (e.line->>'quantity')::bigint AS quantity,
               jsonb_array_length(e.line->'serials') > 0 AS has_serials,
               coalesce((e.line->>'generate_serials')::boolean, false) AS generated
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS e(line, n)
        LEFT JOIN inventory.item i ON i.variant_id = (e.line->>'variant_id')::uuid AND i.seller_id = p_seller
    )
    SELECT jsonb_agg(CASE
               WHEN l.tracked THEN jsonb_build_object(
                   'pointer', format('/lines/%s/serials', l.n), 'code', 'serials_required',
                   'detail', 'This variant is tracked: name the serial numbers, or let them be generated.')
               ELSE jsonb_build_object(
                   'pointer', format('/lines/%s/%s', l.n, CASE WHEN l.has_serials THEN 'serials' ELSE 'generate_serials' END),
                   'code', 'not_tracked', 'detail', 'This variant is not tracked by serial number.')
           END ORDER BY l.n) FILTER (WHERE CASE WHEN l.tracked THEN p_arriving AND NOT (l.has_serials OR l.generated)
                                                ELSE l.has_serials OR l.generated END),
           sum(l.quantity) FILTER (WHERE l.tracked)
    INTO v_errors, v_pieces
    FROM line l;
    IF v_errors IS NOT NULL THEN
        PERFORM shared.refuse('validation_failed', jsonb_build_object('errors', v_errors));
    ELSIF v_pieces > 10000 THEN
        PERFORM inventory.refuse_field_v1('/lines', 'too_many_pieces', 'At most 10,000 pieces at once.');
    END IF;
END $$;
