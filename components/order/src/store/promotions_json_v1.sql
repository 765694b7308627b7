-- The promotions that a plan uses, as a checkout keeps and shows them.
CREATE OR REPLACE FUNCTION "order".promotions_json_v1(p_plan jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_plan->'usages' IS NULL THEN
        RETURN '[]';
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'promotion_id', u.promotion_id, 'code', u.code, 'title', u.title, 'kind', u.kind,
                   'amount', shared.money(u.amount, p_plan->>'currency'))), '[]')
        FROM jsonb_to_recordset(p_plan->'usages') AS u(
            promotion_id uuid, code text, title text, kind text, amount bigint));
END $$;
