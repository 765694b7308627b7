-- An order for its buyer or its seller, with its version. No row for anybody else.
CREATE OR REPLACE FUNCTION "order".order_v1(p_side text, p_account uuid, p_order uuid)
RETURNS TABLE (body text, version_now bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT "order".order_json_v1(o, p_side)::text, o.version
    FROM "order"."order" o
    WHERE o.id = p_order AND CASE p_side WHEN 'buyer' THEN o.buyer_id ELSE o.seller_id END = p_account;
END $$;
