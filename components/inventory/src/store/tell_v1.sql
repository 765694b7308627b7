-- Publishes how much of a variant a seller has left. The caller holds the seller's stock rows.
CREATE OR REPLACE FUNCTION inventory.tell_v1(p_variant uuid, p_seller uuid, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_sequence bigint;
    v_available bigint;
BEGIN
    -- Anybody may keep stock under any variant's id, so the rows of a subject are not all locked:
    -- whoever tells of it waits here, and the sum of the versions grows from one to the next.
    PERFORM pg_advisory_xact_lock(hashtext('inventory.stock_changed'), hashtext(p_variant::text));
    SELECT sum(s.version), coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.seller_id = p_seller), 0)
    INTO v_sequence, v_available
    FROM inventory.stock s WHERE s.variant_id = p_variant;
    PERFORM inventory.publish('inventory.stock_changed', p_variant, v_sequence,
        jsonb_build_object('variant_id', p_variant, 'seller_id', p_seller, 'available', v_available),
        p_trace);
END $$;
