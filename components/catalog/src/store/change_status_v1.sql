-- Publishes, hides, takes down or restores: to p_to, from one of p_from. The table of transitions is
-- in `domain/status.rs`.
CREATE OR REPLACE FUNCTION catalog.change_status_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_id uuid, p_moderator boolean, p_version bigint, p_from text[], p_to text, p_reason text
) RETURNS TABLE (status integer, body text, replayed boolean, version_now bigint, product uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_product catalog.product;
BEGIN
    v_stored := catalog.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT * FROM catalog.replayed_v1(v_stored);
        RETURN;
    END IF;
    IF p_to = 'active' THEN
        -- Whoever changes one of the names that the page shows makes a new version of what is listed.
        -- This product has to be among that, or to show the new name. Names before products, as there.
        PERFORM 1 FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id
        WHERE p.id = p_id FOR SHARE OF c;
        PERFORM 1 FROM catalog.product p JOIN catalog.seller s ON s.id = p.seller_id
        WHERE p.id = p_id FOR SHARE OF s;
    END IF;
    v_product := catalog.product_for_change_v1(p_id, p_account, p_moderator, p_version);
    IF v_product.status <> ALL (p_from) THEN
        PERFORM shared.refuse('wrong_state', jsonb_build_object('product_status', v_product.status));
    END IF;
    PERFORM catalog.set_status_v1(v_product, p_to, p_reason, p_trace);
    RETURN QUERY SELECT * FROM catalog.answered_v1(p_account, p_key, 200, p_id, p_moderator);
END $$;
