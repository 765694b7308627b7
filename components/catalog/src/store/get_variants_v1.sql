-- What a checkout has to know of variants. Unknown and deleted ones are left out.
CREATE OR REPLACE FUNCTION catalog.get_variants_v1(p_ids text[])
RETURNS TABLE (
    variant_id uuid, product_id uuid, seller_id uuid, product_name text, attributes text, code text,
    price bigint, currency text, status text, enabled boolean, version bigint,
    min_per_order integer, max_per_order integer, category_path text
)
LANGUAGE plpgsql STABLE
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.id, p.id, p.seller_id, p.name, v.attributes::text, v.sku, v.price, p.currency::text, p.status,
           v.enabled, p.version, p.min_per_order, coalesce(p.max_per_order, 0), c.path
    FROM catalog.variant v
    JOIN catalog.product p ON p.id = v.product_id
    JOIN catalog.category c ON c.id = p.category_id
    WHERE v.id = ANY (p_ids::uuid[]) AND v.deleted_at IS NULL AND p.deleted_at IS NULL;
END $$;
