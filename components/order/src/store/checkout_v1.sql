-- A checkout for its buyer; NULL for anybody else.
CREATE OR REPLACE FUNCTION "order".checkout_v1(p_buyer uuid, p_checkout uuid) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM "order".checkout c WHERE c.id = p_checkout AND c.buyer_id = p_buyer) THEN
        RETURN NULL;
    END IF;
    RETURN "order".checkout_json_v1(p_checkout)::text;
END $$;
