-- Counts a message that an account asks for, and refuses what would be too many.
CREATE OR REPLACE FUNCTION account.may_write_v1(p_account uuid, p_channel text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_wait integer := account.count_sending_v1(p_account || ' ' || p_channel);
BEGIN
    IF v_wait > 0 THEN
        PERFORM shared.refuse('too_many_messages', jsonb_build_object('retry_after', v_wait));
    END IF;
END $$;
