-- Locks what somebody has saved of a kind, `bank_account` or `saved_method`, for every change of it: one
-- after another, and none waits for two locks.
CREATE OR REPLACE FUNCTION payment.hold_saved_v1(p_kind text, p_account uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('payment ' || p_kind || ' ' || p_account, 0));
END $$;
