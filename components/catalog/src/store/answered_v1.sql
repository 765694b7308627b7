-- The answer of a POST about a product: the owner's page, kept under the Idempotency-Key.
CREATE OR REPLACE FUNCTION catalog.answered_v1(
    p_account uuid, p_key text, p_status integer, p_id uuid, p_moderator boolean
) RETURNS TABLE (status integer, body text, replayed boolean, version_now bigint, product uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_page record;
BEGIN
    SELECT * INTO STRICT v_page FROM catalog.product_page_v1(p_id, p_account, p_moderator);
    PERFORM catalog.idempotency_end(p_account, p_key, p_status, v_page.body);
    RETURN QUERY SELECT p_status, v_page.body, false, v_page.version, p_id;
END $$;
