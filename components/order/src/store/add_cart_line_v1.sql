-- Adds units of a variant to what is in a cart, and selects the line. See `write_cart_line_v1` for
-- the offer; where there is none, `p_refusal` says why, `{"code", "facts"}`: a key that was answered
-- before is answered the same whatever has become of the goods.
CREATE OR REPLACE FUNCTION "order".add_cart_line_v1(
    p_account uuid, p_token_hash bytea, p_key text, p_hash text, p_reference uuid,
    p_offer jsonb, p_refusal jsonb, p_quantity integer
) RETURNS TABLE (status integer, body text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    -- Without a key the reference stands in: a statement repeated after a lost connection adds once.
    v_key text := coalesce(p_key, 'unkeyed ' || p_reference);
    v_owner uuid := p_account;
    v_stored jsonb;
    v_cart "order".cart;
    v_before integer;
    v_body text;
BEGIN
    IF v_owner IS NULL THEN
        -- A guest's keys belong to the cart.
        SELECT c.id INTO v_owner FROM "order".cart c WHERE c.token_hash = p_token_hash;
        IF NOT FOUND THEN
            PERFORM shared.refuse('not_found');
        END IF;
    END IF;
    v_stored := "order".idempotency_begin(v_owner, v_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY SELECT (v_stored->>'status')::integer, v_stored->>'answer', true;
        RETURN;
    ELSIF p_offer IS NULL THEN
        PERFORM shared.refuse(p_refusal->>'code', p_refusal->'facts');
    END IF;
    v_cart := "order".hold_cart_v1(p_account, p_token_hash);
    SELECT l.quantity INTO v_before FROM "order".cart_line l
    WHERE l.cart_id = v_cart.id AND l.variant_id = (p_offer->>'variant_id')::uuid;
    v_before := coalesce(v_before, 0);
    IF v_before + p_quantity > 999 THEN
        PERFORM shared.refuse('validation_failed', jsonb_build_object('errors', jsonb_build_array(
            jsonb_build_object('pointer', '/quantity', 'code', 'out_of_range', 'detail',
                format('%s units are in the cart already, and a line holds 999 at most.', v_before)))));
    END IF;
    v_body := "order".cart_changed_v1(v_cart.id,
        "order".write_cart_line_v1(v_cart.id, p_offer, v_before + p_quantity, true));
    PERFORM "order".idempotency_end(v_owner, v_key, 200, v_body);
    RETURN QUERY SELECT 200, v_body, false;
END $$;
