-- An account is suspended: its schedules withdraw nothing. Or is no more. Events of before what is known change
-- nothing.
CREATE OR REPLACE FUNCTION payment.account_suspended_v1(
    p_account uuid, p_suspended boolean, p_sequence bigint
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payment.suspension AS s (account_id, suspended, sequence)
    VALUES (p_account, p_suspended, p_sequence)
    ON CONFLICT (account_id) DO UPDATE SET suspended = p_suspended, sequence = p_sequence
    WHERE s.sequence < p_sequence;
END $$;
