-- Refuses a suspended account, and says why and until when.
CREATE OR REPLACE FUNCTION account.not_suspended_v1(p_account account.account) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF account.is_suspended_v1(p_account) THEN
        PERFORM shared.refuse('account_suspended', jsonb_build_object(
            'reason', p_account.suspended_because, 'until', shared.rfc3339(p_account.suspended_until)));
    END IF;
END $$;
