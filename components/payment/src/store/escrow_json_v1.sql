-- An escrow for the module's own code.
CREATE OR REPLACE FUNCTION payment.escrow_json_v1(e payment.escrow) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN to_jsonb(e) || jsonb_build_object(
        'frozen', e.frozen_at IS NOT NULL,
        'payout', (SELECT k.payout FROM payment.escrow_left_v1(e) k));
END $$;
