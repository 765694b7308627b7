-- Writes down who did what with an identity, or has read it.
CREATE OR REPLACE FUNCTION payment.log_identity_v1(i payment.payout_identity, p_actor uuid, p_action text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payment.payout_identity_log (identity_id, account_id, actor_id, action, at)
    VALUES (i.id, i.account_id, p_actor, p_action, shared.real_now());
END $$;
