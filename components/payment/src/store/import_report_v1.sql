-- Takes lines of a provider's statement, `[{"reference", "kind", "amount", "currency", "occurred_on"}]`: new
-- ones, and others than before. Answers how many there were of each.
CREATE OR REPLACE FUNCTION payment.import_report_v1(p_provider text, p_lines jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_count bigint;
    v_new bigint;
    v_changed bigint;
BEGIN
    WITH line AS (
        SELECT * FROM jsonb_to_recordset(p_lines)
            AS l(reference text, kind text, amount bigint, currency text, occurred_on date)
    ), known AS MATERIALIZED (
        SELECT r.kind, r.reference FROM payment.provider_report_line r
        JOIN line l ON l.kind = r.kind AND l.reference = r.reference
        WHERE r.provider = p_provider
    ), put AS (
        INSERT INTO payment.provider_report_line AS r
            (provider, reference, kind, amount, currency, occurred_on, imported_at)
        SELECT p_provider, l.reference, l.kind, l.amount, l.currency, l.occurred_on, shared.now()
        FROM line l
        ORDER BY l.kind, l.reference
        ON CONFLICT (provider, kind, reference) DO UPDATE
        SET amount = excluded.amount, currency = excluded.currency, occurred_on = excluded.occurred_on,
            imported_at = excluded.imported_at
        WHERE (r.amount, r.currency, r.occurred_on)
            IS DISTINCT FROM (excluded.amount, excluded.currency, excluded.occurred_on)
        RETURNING r.kind, r.reference
    )
    SELECT (SELECT count(*) FROM line),
           (SELECT count(*) FROM put p WHERE NOT EXISTS (
               SELECT 1 FROM known k WHERE k.kind = p.kind AND k.reference = p.reference)),
           (SELECT count(*) FROM put p WHERE EXISTS (
               SELECT 1 FROM known k WHERE k.kind = p.kind AND k.reference = p.reference))
    INTO v_count, v_new, v_changed;
    RETURN jsonb_build_object(
        'lines', v_count, 'new', v_new, 'changed', v_changed, 'known', v_count - v_new - v_changed)::text;
END $$;
